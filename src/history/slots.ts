import type { History } from './history.js';
import type { Fence } from './leases.js';

/** A due time of a line of the schedule that this process may run now, alone. */
export interface Claim {
  /** To be renewed while it runs, and to guard what it writes. */
  fence: Fence;
  /** Says that a run did it, so that nobody does it again. @throws lease.lost, history.conflict */
  done(run: string): Promise<void>;
}

/**
 * Claims a due time of a line for one of many schedulers. Two due times of a line never run at once. When the process that
 * claimed it dies, another gets it once the lease is over.
 * @returns null when somebody runs the line now, or when this due time was run
 */
export async function claimSlot(
  history: History,
  { line, due, seconds }: { line: string; due: string; seconds: number },
): Promise<Claim | null> {
  const key = `${line} ${due}`;
  const find = () => history.entries({ kind: 'slot', key });
  if ((await find())[0]?.settled) {
    return null;
  }
  const fence = await history.acquireLease(`slot:${line}`, seconds);
  if (fence === null) {
    return null;
  }
  const [{ position }] = await history.post([{ kind: 'slot', key, subject: line, body: { due }, at: due }]);
  if ((await find())[0].settled) {
    await history.releaseLease(fence);
    return null;
  }
  return {
    fence,
    done: async (run) => {
      await history.settle({ kind: 'slot', positions: [position], run }, { fence });
      await history.releaseLease(fence);
    },
  };
}
