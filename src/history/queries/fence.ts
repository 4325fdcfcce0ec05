import type { Transaction } from 'kysely';
import { ChurnError } from '../../error.js';
import type { Fence } from '../leases.js';
import type { Tables } from '../schema.js';

/**
 * Lets a transaction go on only while no newer token of the lease was given out. Writing the row, though it changes
 * nothing, locks it: nobody gets the lease before this transaction is over.
 * @throws lease.lost
 */
export async function expectFence(transaction: Transaction<Tables>, fence: Fence | null): Promise<void> {
  if (fence === null) {
    return;
  }
  const { numUpdatedRows } = await transaction
    .updateTable('leases')
    .set({ token: fence.token })
    .where('name', '=', fence.name)
    .where('token', '=', fence.token)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    const present = await transaction
      .selectFrom('leases')
      .selectAll()
      .where('name', '=', fence.name)
      .executeTakeFirst();
    const taker = present ? `, by process ${present.process_id} on ${present.host}` : '';
    throw new ChurnError('lease.lost', {
      expected: `to hold the lease ${fence.name} (token ${fence.token}) while writing`,
      came: `it was given out again (token ${present?.token ?? 'none'}${taker})`,
      fix: 'nothing was written; look again and decide anew',
    });
  }
}
