import { setTimeout as sleep } from 'node:timers/promises';
import { ChurnError } from '../error.js';

export interface Turns {
  firstPauseMilliseconds: number;
  longestPauseMilliseconds: number;
  patienceSeconds: number;
  signal?: AbortSignal;
  /** Called once, when the first try failed. */
  onWait?: () => void;
}

/**
 * Tries until `take` gives something, with pauses that grow.
 * @throws work.cancelled when the signal is aborted; what `heldBy` makes when the patience is over
 */
export async function takeTurn<T>(
  take: () => Promise<T | null>,
  heldBy: () => Promise<ChurnError>,
  turns: Turns,
): Promise<T> {
  const started = performance.now();
  for (
    let pause = turns.firstPauseMilliseconds;
    ;
    pause = Math.min(2 * pause, turns.longestPauseMilliseconds)
  ) {
    const taken = await take();
    if (taken !== null) {
      return taken;
    }
    if (pause === turns.firstPauseMilliseconds) {
      turns.onWait?.();
    }
    if (performance.now() - started > 1000 * turns.patienceSeconds) {
      throw await heldBy();
    }
    await sleep(pause, undefined, { signal: turns.signal }).catch(() => {
      throw new ChurnError('work.cancelled', {
        expected: 'to wait for another job',
        came: 'a request to stop',
      });
    });
  }
}

/** @param holder who has it, as far as that is known */
export function stillHeld(what: string, holder: string, seconds: number): ChurnError {
  return new ChurnError('lock.held', {
    expected: `to be the only job that changes ${what}`,
    came: `${holder}, for the ${seconds} s that we waited`,
    fix: 'run again when it has finished; `churn-mlops history` shows what runs',
  });
}
