import type { ChurnError } from '../error.js';
import { keepLease } from './keep-lease.js';
import type { Fence, Leases } from './leases.js';
import type { Lock } from './lock.js';
import { stillHeld, takeTurn } from './turns.js';

export interface LeaseLockOptions {
  name: string;
  /** How long others wait for a holder that died. It is renewed three times in that time. */
  leaseSeconds: number;
  patienceSeconds: number;
  /** Told when the lock was lost: stop, others may work on the same things. */
  onLost: (why: ChurnError) => void;
}

export interface LeaseLock extends Lock {
  /** What writes of the present holder in this process are guarded with; null when it holds nothing. */
  fence(): Fence | null;
}

/**
 * A lock over all hosts that share a history: a lease with a heartbeat. Lost when another process got the lease, or when
 * it could not be renewed for its whole time, after which another may get it.
 */
export function leaseLock(leases: Leases, options: LeaseLockOptions): LeaseLock {
  const { name, leaseSeconds, patienceSeconds } = options;
  const pauses = { firstPauseMilliseconds: 50, longestPauseMilliseconds: 1000 };
  let present: Fence | null = null;
  const heldBy = async () => {
    const lease = await leases.lease(name);
    const holder = lease
      ? `process ${lease.process.id} on ${lease.process.host}, since ${lease.acquired_at}`
      : 'others';
    return stillHeld('what this history is about', holder, patienceSeconds);
  };
  return {
    fence: () => present,
    acquire: async (waiting) => {
      const take = () => leases.acquireLease(name, leaseSeconds);
      const fence = await takeTurn(take, heldBy, { ...pauses, ...waiting, patienceSeconds });
      present = fence;
      const kept = keepLease(leases, fence, options);
      return {
        signal: kept.signal,
        release: async () => {
          present = null;
          await kept.stop();
          // When the server is away the lease ends by itself.
          await leases.releaseLease(fence).catch(() => undefined);
        },
      };
    },
  };
}
