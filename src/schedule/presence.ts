import { ChurnError } from '../error.js';
import { keepLease } from '../history/keep-lease.js';
import type { Lease, Leases } from '../history/leases.js';

/** Places for schedulers that live at the same time; a lease each, so that a dead one disappears by itself. */
const PLACES = Array.from({ length: 16 }, (_, i) => `scheduler:${i + 1}`);

export interface Presence {
  leave(): Promise<void>;
}

/** Shows for as long as it renews its lease that this process lives. @throws lock.held when all places are taken */
export async function showPresence(leases: Leases, leaseSeconds: number): Promise<Presence> {
  for (const place of PLACES) {
    const fence = await leases.acquireLease(place, leaseSeconds);
    if (fence !== null) {
      const kept = keepLease(leases, fence, { leaseSeconds });
      return {
        leave: async () => {
          await kept.stop();
          await leases.releaseLease(fence).catch(() => undefined);
        },
      };
    }
  }
  throw new ChurnError('lock.held', {
    expected: `at most ${PLACES.length} schedulers`,
    came: 'one more',
    fix: 'two are enough for one to stand in for the other',
  });
}

/** The schedulers that live now. */
export async function presentSchedulers(leases: Pick<Leases, 'lease'>): Promise<Lease[]> {
  const found = await Promise.all(PLACES.map((place) => leases.lease(place)));
  return found.filter((lease) => lease !== null);
}
