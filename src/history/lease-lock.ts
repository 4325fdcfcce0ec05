import { ChurnError } from '../error.js';
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
      const heart = beat(leases, fence, options);
      return {
        signal: heart.signal,
        release: async () => {
          present = null;
          await heart.stop();
          // When the server is away the lease ends by itself.
          await leases.releaseLease(fence).catch(() => undefined);
        },
      };
    },
  };
}

/** Renews a lease until it is stopped or lost. */
function beat(
  leases: Leases,
  fence: Fence,
  { leaseSeconds, onLost }: LeaseLockOptions,
): { signal: AbortSignal; stop(): Promise<void> } {
  const lost = new AbortController();
  let stopped = false;
  let renewal: Promise<void> = Promise.resolve();
  const lose = (came: string) => {
    if (!lost.signal.aborted && !stopped) {
      const why = new ChurnError('lease.lost', {
        expected: `to hold the lease ${fence.name} (token ${fence.token}) until the job is done`,
        came,
        fix: 'the job was stopped; run it again',
      });
      lost.abort(why);
      onLost(why);
    }
  };
  const expired = () => lose(`no answer to its renewal for ${leaseSeconds} s`);
  const expireLater = () => setTimeout(expired, 1000 * leaseSeconds).unref();
  let expiry = expireLater();
  const renew = async () => {
    const renewed = await leases.renewLease(fence, leaseSeconds);
    clearTimeout(expiry);
    if (renewed && !stopped && !lost.signal.aborted) {
      expiry = expireLater();
    } else if (!renewed) {
      lose('another process got it');
    }
  };
  let renewing = false;
  const timer = setInterval(
    () => {
      if (!renewing) {
        renewing = true;
        // What cannot be renewed is tried again at the next beat, until its time is over.
        renewal = renew()
          .catch(() => undefined)
          .finally(() => {
            renewing = false;
          });
      }
    },
    (1000 * leaseSeconds) / 3,
  ).unref();
  return {
    signal: lost.signal,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      clearTimeout(expiry);
      await renewal;
    },
  };
}
