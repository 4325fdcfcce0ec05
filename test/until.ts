import { setTimeout as sleep } from 'node:timers/promises';

interface Patience {
  /** How long it may take. */
  seconds?: number;
  /** Milliseconds between looks. */
  pause?: number;
}

/**
 * What `look` finds, once it is neither null nor false.
 * @throws an error that names what was waited for
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
  { seconds = 10, pause = 20 }: Patience = {},
): Promise<T> {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; await sleep(pause)) {
    const found = await look();
    if (found !== null && found !== false) {
      return found;
    }
  }
  throw new Error(`${what}: not within ${seconds} s`);
}
