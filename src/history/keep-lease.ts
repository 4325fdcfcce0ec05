import { ChurnError } from '../error.js';
import type { Fence, Leases } from './leases.js';

export interface KeepLeaseOptions {
  /** It is renewed three times in that time. */
  leaseSeconds: number;
  /** Told when another process got it, or when it could not be renewed for its whole time. */
  onLost?: (why: ChurnError) => void;
}

export interface KeptLease {
  /** Aborted when it is lost. */
  signal: AbortSignal;
  /** Ends the renewals; does not give the lease back. */
  stop(): Promise<void>;
}

/** Renews a lease until it is stopped or lost. */
export function keepLease(
  leases: Pick<Leases, 'renewLease'>,
  fence: Fence,
  { leaseSeconds, onLost = () => undefined }: KeepLeaseOptions,
): KeptLease {
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
