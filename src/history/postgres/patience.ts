import { setTimeout as sleep } from 'node:timers/promises';
import { troubleOf } from '../../postgres/trouble.js';
import { asHistoryError } from './error.js';

const FIRST_PAUSE_MILLISECONDS = 10;
const LONGEST_PAUSE_MILLISECONDS = 1000;

export interface Patience {
  place: string;
  milliseconds: number;
  chance: (bound: number) => number;
}

/**
 * Repeats work while the server is away or busy, and turns errors into ours. Pauses grow, and half of each is left to
 * chance, so that those who lost a server together do not come back together.
 */
export function patient({
  place,
  milliseconds,
  chance,
}: Patience): <T>(work: () => Promise<T>) => Promise<T> {
  return async (work) => {
    const started = performance.now();
    for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS)) {
      try {
        return await work();
      } catch (error) {
        if (troubleOf(error) === null || performance.now() - started >= milliseconds) {
          throw asHistoryError(error, place);
        }
      }
      await sleep(pause / 2 + chance(Math.ceil(pause / 2)));
    }
  };
}
