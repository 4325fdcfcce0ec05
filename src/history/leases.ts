import type { ProcessMark } from './history.js';

/**
 * Proof of a lease at the time it was got. Tokens of one name only ever grow, so that a write with the token of a holder
 * who was thought dead, and was only slow, is recognised and refused.
 */
export interface Fence {
  name: string;
  token: number;
}

/** Who holds a lease. */
export interface Lease extends Fence {
  process: ProcessMark;
  acquired_at: string;
}

/**
 * Option of writes that a lease guards: refused with lease.lost when a newer token was given out. Undefined: the fence
 * of the job lock that this process holds, if any. Null: none.
 */
export interface Guarded {
  fence?: Fence | null;
}

/** Rights to do something alone for a while, over all processes and hosts. Expiry goes by the database's clock. */
export interface Leases {
  /** Takes a lease that nobody holds or whose time is over. Null when somebody holds it. */
  acquireLease(name: string, seconds: number): Promise<Fence | null>;
  /** Extends a lease from now on. False when somebody else got it: stop what it guards. */
  renewLease(fence: Fence, seconds: number): Promise<boolean>;
  /** Gives a lease back; nothing when it is lost already. */
  releaseLease(fence: Fence): Promise<void>;
  /** Who holds it now; null when nobody does. */
  lease(name: string): Promise<Lease | null>;
}
