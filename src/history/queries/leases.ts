import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { ProcessMark } from '../history.js';
import type { Fence, Lease } from '../leases.js';
import type { Tables } from '../schema.js';

export interface Acquisition {
  name: string;
  seconds: number;
  /** Names this acquisition, so that a repeated attempt finds that it has succeeded before. */
  holder: string;
  process: ProcessMark;
  acquired_at: string;
}

/** One statement that compares and sets; `now` is the database's clock in milliseconds since 1970. */
export async function acquire(
  transaction: Transaction<Tables>,
  now: RawBuilder<number>,
  { name, seconds, holder, process, acquired_at }: Acquisition,
): Promise<Fence | null> {
  const expiry = sql`${now} + ${milliseconds(seconds)}`;
  const { rows } = await sql<{ token: number }>`
    insert into leases (name, token, holder, process_id, host, acquired_at, expires_at)
    values (${name}, 1, ${holder}, ${process.id}, ${process.host}, ${acquired_at}, ${expiry})
    on conflict (name) do update set
      token = case when leases.holder = excluded.holder then leases.token else leases.token + 1 end,
      holder = excluded.holder,
      process_id = excluded.process_id,
      host = excluded.host,
      acquired_at = excluded.acquired_at,
      expires_at = ${expiry}
    where leases.expires_at <= ${now} or leases.holder = excluded.holder
    returning token`.execute(transaction);
  return rows.length === 0 ? null : { name, token: rows[0].token };
}

/** A lease whose time is over can be extended as long as nobody else got it. */
export async function renew(
  transaction: Transaction<Tables>,
  now: RawBuilder<number>,
  { name, token }: Fence,
  seconds: number,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('leases')
    .set({ expires_at: sql<number>`${now} + ${milliseconds(seconds)}` })
    .where('name', '=', name)
    .where('token', '=', token)
    .where('holder', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function release(transaction: Transaction<Tables>, { name, token }: Fence): Promise<void> {
  await transaction
    .updateTable('leases')
    .set({ holder: null, expires_at: 0 })
    .where('name', '=', name)
    .where('token', '=', token)
    .execute();
}

export async function present(
  db: Kysely<Tables>,
  now: RawBuilder<number>,
  name: string,
): Promise<Lease | null> {
  const row = await db
    .selectFrom('leases')
    .selectAll()
    .where('name', '=', name)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (!row) {
    return null;
  }
  const { token, process_id, host, acquired_at } = row;
  return { name, token, process: { id: process_id, host }, acquired_at };
}

const milliseconds = (seconds: number) => Math.round(1000 * seconds);
