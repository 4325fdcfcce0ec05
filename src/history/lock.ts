import type { ChurnError } from '../error.js';

/** One holder at a time. A holder that dies gives it back by dying, at once or after a while. */
export interface Lock {
  /**
   * Waits until nobody else holds it. `onWait` is called once, when somebody does.
   * @throws lock.held when the patience is over, work.cancelled, io.failed, history.away
   */
  acquire(options: { signal?: AbortSignal; onWait?: () => void }): Promise<Held>;
}

export interface Held {
  /** Why it is not held any more although it was not released; null while it is held. */
  lost(): ChurnError | null;
  release(): Promise<void>;
}
