import { type Kysely, sql, type Transaction } from 'kysely';
import { ChurnError, messageOf } from '../../error.js';
import type { KyselyHistoryParts } from '../kysely-history.js';
import { MIGRATIONS } from '../migrations/index.js';
import type { Tables } from '../schema.js';
import { type Row, readLine, wrongLine } from './lines.js';
import { TABLE_NAMES, type TransferTable } from './tables.js';

/** What is kept before it is written: bounds the memory, and the parameters of a statement. */
const ROWS_AT_ONCE = 200;
const CHARACTERS_AT_ONCE = 4_000_000;

/** Fills an empty history with the lines of an export, in one transaction (see Transfer). Lines are read once. */
export function importLines(
  { db, place, asOurs }: KyselyHistoryParts,
  lines: AsyncIterable<string>,
): Promise<Record<string, number>> {
  return db
    .transaction()
    .execute((transaction) => fill(transaction, place, lines))
    .catch((error) => {
      throw violates(error) ? contradiction(error) : asOurs(error);
    });
}

/** Codes of PostgreSQL and of SQLite for rows that do not fit to each other. */
const violates = (error: unknown): boolean =>
  /^(23\d{3}|SQLITE_CONSTRAINT.*)$/.test(String((error as { code?: unknown } | undefined)?.code));

function contradiction(error: unknown): ChurnError {
  return new ChurnError(
    'data.invalid',
    {
      expected: 'rows that fit to each other, as `churn-mlops history export` wrote them',
      came: messageOf(error),
      fix: 'nothing was imported; export again',
    },
    error,
  );
}

async function fill(
  transaction: Transaction<Tables>,
  place: string,
  lines: AsyncIterable<string>,
): Promise<Record<string, number>> {
  await expectEmpty(transaction, place);
  const rows = batched(transaction);
  const parents: { id: string; parent: string }[] = [];
  const counts: Record<string, number> = {};
  let number = 0;
  let ended = false;
  for await (const text of lines) {
    number++;
    const line = readLine(text, number, MIGRATIONS.length);
    if ((line.kind === 'header') !== (number === 1) || ended) {
      throw wrongLine(number, `a line of kind "${line.kind}" at that place`);
    }
    if (line.kind === 'row') {
      counts[line.table] = (counts[line.table] ?? 0) + 1;
      await rows.add(line.table, orphaned(line.table, line.row, parents), text.length);
    } else if (line.kind === 'end') {
      expectCounts(counts, line.counts, number);
      ended = true;
    }
  }
  if (!ended) {
    throw wrongLine(number + 1, 'the end of the file: it was cut off');
  }
  await rows.flush();
  for (const { id, parent } of parents) {
    await transaction.updateTable('runs').set({ parent }).where('id', '=', id).execute();
  }
  return counts;
}

/** The rows of aliases that every history has from the first migration on make way for those of the file. */
async function expectEmpty(transaction: Transaction<Tables>, place: string): Promise<void> {
  for (const table of TABLE_NAMES.filter((name) => name !== 'aliases')) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction);
    if (rows.length > 0) {
      throw new ChurnError('history.conflict', {
        expected: `an empty history in ${place}`,
        came: `rows in ${table}`,
        fix: 'import into another place (history.url)',
      });
    }
  }
  await transaction.deleteFrom('aliases').execute();
}

/** A part whose id sorts before its parent's (clocks of two hosts differ) gets its parent when all runs are there. */
function orphaned(table: TransferTable, row: Row, parents: { id: string; parent: string }[]): Row {
  const { id, parent } = row;
  if (table !== 'runs' || typeof id !== 'string' || typeof parent !== 'string' || parent < id) {
    return row;
  }
  parents.push({ id, parent });
  return { ...row, parent: null };
}

function batched(db: Kysely<Tables>) {
  let table: TransferTable = TABLE_NAMES[0];
  let waiting: Row[] = [];
  let characters = 0;
  const flush = async () => {
    if (waiting.length > 0) {
      // The rows were checked against the columns of this table.
      await db
        .insertInto(table)
        .values(waiting as never)
        .execute();
    }
    waiting = [];
    characters = 0;
  };
  const add = async (of: TransferTable, row: Row, length: number) => {
    if (of !== table || waiting.length === ROWS_AT_ONCE || characters > CHARACTERS_AT_ONCE) {
      await flush();
    }
    table = of;
    waiting.push(row);
    characters += length;
  };
  return { add, flush };
}

function expectCounts(counts: Record<string, number>, told: Record<string, unknown>, number: number): void {
  const wrong = TABLE_NAMES.find((table) => (counts[table] ?? 0) !== told[table]);
  if (wrong !== undefined) {
    throw wrongLine(number, `${counts[wrong] ?? 0} rows of ${wrong} where ${told[wrong]} were exported`);
  }
}
