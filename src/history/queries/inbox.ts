import type { Kysely, Transaction } from 'kysely';
import { ChurnError } from '../../error.js';
import type { EntryFilter, EntryKind, Posted } from '../inbox.js';
import type { InboxRow, Tables } from '../schema.js';

/** An entry that has no position yet. */
export type Incoming = Omit<InboxRow, 'position'>;

/** Rows per statement: databases bound the number of parameters. */
const ROWS_AT_ONCE = 500;

/** Adds those of one kind that are not known yet. Takes turns with others who post the kind. */
export async function postKind(
  transaction: Transaction<Tables>,
  kind: EntryKind,
  incoming: readonly Incoming[],
): Promise<Posted[]> {
  const { last } = await transaction
    .insertInto('inbox_kinds')
    .values({ kind, last: 0 })
    .onConflict((c) => c.column('kind').doUpdateSet((eb) => ({ last: eb.ref('inbox_kinds.last') })))
    .returning('last')
    .executeTakeFirstOrThrow();
  const known = await knownOf(transaction, kind, incoming);
  const added: InboxRow[] = [];
  const posted = incoming.map((entry): Posted => {
    const { key } = entry;
    const earlier = known.get(key);
    if (earlier) {
      const outcome = earlier.id === entry.id ? 'added' : earlier.body === entry.body ? 'known' : 'differs';
      return { key, position: earlier.position, outcome };
    }
    const position = last + added.length + 1;
    const row = { ...entry, position };
    known.set(key, row);
    added.push(row);
    return { key, position, outcome: 'added' };
  });
  for (const rows of chunks(added)) {
    await transaction.insertInto('inbox').values(rows).execute();
  }
  if (added.length > 0) {
    await transaction
      .updateTable('inbox_kinds')
      .set({ last: last + added.length })
      .where('kind', '=', kind)
      .execute();
  }
  return posted;
}

type Known = Pick<InboxRow, 'id' | 'key' | 'position' | 'body'>;

async function knownOf(
  db: Kysely<Tables>,
  kind: EntryKind,
  incoming: readonly Incoming[],
): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (const entries of chunks(incoming)) {
    const rows = await db
      .selectFrom('inbox')
      .select(['id', 'key', 'position', 'body'])
      .where('kind', '=', kind)
      .where(
        'key',
        'in',
        entries.map(({ key }) => key),
      )
      .execute();
    rows.forEach((row) => known.set(row.key, row));
  }
  return known;
}

export async function listed(db: Kysely<Tables>, filter: EntryFilter): Promise<InboxRow[]> {
  let query = db
    .selectFrom('inbox')
    .selectAll()
    .where('kind', '=', filter.kind)
    .where('position', '>', filter.after ?? 0)
    .orderBy('position');
  query = filter.subject === undefined ? query : query.where('subject', '=', filter.subject);
  query = filter.key === undefined ? query : query.where('key', '=', filter.key);
  query = filter.limit === undefined ? query : query.limit(filter.limit);
  return query.execute();
}

export async function oldestOpen(db: Kysely<Tables>, kind: EntryKind, limit: number): Promise<InboxRow[]> {
  return db
    .selectFrom('inbox')
    .selectAll()
    .where('kind', '=', kind)
    .where('settled_by', 'is', null)
    .orderBy('position')
    .limit(limit)
    .execute();
}

/** The update itself compares, so that of two runs one settles an entry on any isolation level. */
export async function settleEach(
  transaction: Transaction<Tables>,
  { kind, positions, run, at }: { kind: EntryKind; positions: readonly number[]; run: string; at: string },
): Promise<void> {
  for (const position of positions) {
    const { numUpdatedRows } = await transaction
      .updateTable('inbox')
      .set({ settled_by: run, settled_at: at })
      .where('kind', '=', kind)
      .where('position', '=', position)
      .where('settled_by', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) {
      await expectSettledBy(transaction, kind, position, run);
    }
  }
}

async function expectSettledBy(
  transaction: Transaction<Tables>,
  kind: EntryKind,
  position: number,
  run: string,
): Promise<void> {
  const found = await transaction
    .selectFrom('inbox')
    .select('settled_by')
    .where('kind', '=', kind)
    .where('position', '=', position)
    .executeTakeFirst();
  if (found?.settled_by !== run) {
    throw new ChurnError('history.conflict', {
      expected: `the ${kind} at position ${position} to be open`,
      came: found ? `one that run ${found.settled_by} dealt with` : 'no such entry',
    });
  }
}

function chunks<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / ROWS_AT_ONCE) }, (_, i) =>
    rows.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE),
  );
}
