import { type Kysely, sql } from 'kysely';
import type { KyselyHistoryParts } from '../kysely-history.js';
import { MIGRATIONS } from '../migrations/index.js';
import type { Tables } from '../schema.js';
import { TABLE_NAMES, TRANSFER_TABLES, type TransferTable } from './tables.js';

/** Rows read at once. A body may be long, so few. */
const ROWS_AT_ONCE = 200;

/** The lines of an export (see Transfer), of one moment: a transaction that sees no write that comes later. */
export async function* exportLines({
  db,
  program,
  attempt,
  asOurs,
}: KyselyHistoryParts): AsyncGenerator<string> {
  const transaction = await attempt(() =>
    db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(),
  );
  try {
    // A database fixes the moment at the first reading.
    await sql`select 1 from history_migrations`.execute(transaction);
    yield JSON.stringify({ churn_history: { schema: MIGRATIONS.length, program } });
    const counts: Record<string, number> = {};
    for (const table of TABLE_NAMES) {
      counts[table] = 0;
      for await (const row of rowsOf(transaction, table)) {
        counts[table]++;
        yield JSON.stringify({ [table]: row });
      }
    }
    yield JSON.stringify({ end: counts });
  } catch (error) {
    throw asOurs(error);
  } finally {
    await transaction.rollback().execute();
  }
}

type Row = Record<string, unknown>;

/** All rows in the order of the key, page by page, each page after the last key of the one before. */
async function* rowsOf(db: Kysely<Tables>, table: TransferTable): AsyncGenerator<Row> {
  const { key, columns } = TRANSFER_TABLES[table] as { key: string[]; columns: Record<string, string> };
  const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
  const order = sql.join(key.map((name) => sql.ref(name)));
  let beyond = sql``;
  for (;;) {
    const query = sql<Row>`
      select ${names} from ${sql.table(table)} ${beyond} order by ${order} limit ${sql.lit(ROWS_AT_ONCE)}`;
    const { rows } = await query.execute(db);
    for (const row of rows) {
      yield Object.fromEntries(Object.keys(columns).map((name) => [name, row[name]]));
    }
    if (rows.length < ROWS_AT_ONCE) {
      return;
    }
    const last = rows[rows.length - 1];
    beyond = sql`where (${order}) > (${sql.join(key.map((name) => sql`${last[name]}`))})`;
  }
}
