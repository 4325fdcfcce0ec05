/** One holder at a time. A holder that dies gives it back by dying, at once or after a while. */
export interface Lock {
  /**
   * Waits until nobody else holds it. `onWait` is called once, when somebody does.
   * @throws lock.held when the patience is over, work.cancelled, io.failed, history.away
   */
  acquire(options: { signal?: AbortSignal; onWait?: () => void }): Promise<Held>;
}

export interface Held {
  /** Aborted when it is lost: not held any more although it was not released. The reason is a ChurnError (lease.lost). */
  signal: AbortSignal;
  release(): Promise<void>;
}
