/** One holder at a time, over all processes of a machine. A holder that dies gives it back by dying. */
export interface Lock {
  /**
   * Waits until nobody else holds it. `onWait` is called once, when somebody does.
   * @returns what gives it back
   * @throws lock.held when the patience is over, work.cancelled, io.failed
   */
  acquire(options: { signal?: AbortSignal; onWait?: () => void }): Promise<() => void>;
}
