import { rm } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
import type { ChurnError } from '../../error.js';
import { writeWhole } from '../../files.js';
import { dayOfNumber } from '../../time.js';
import type { Engine, FileFormat } from '../engine/engine.js';
import { identifiers, join, raw, type Sql, sql } from '../engine/sql.js';
import { type Footer, integerRange, type RowGroup, readFooter } from '../parquet/footer.js';
import { mergeRowGroups, type Piece } from '../parquet/merge-row-groups.js';
import { readTable } from '../tables.js';
import { stampState, stateKeyValues, type TableState, writeStateBeside } from './table-state.js';

/** A table with a row per user and day, and where it lies. */
export interface DailyTable {
  engine: Engine;
  path: string;
  format: FileFormat;
  signal?: AbortSignal;
  /** Told in place of a table without rows. */
  ifEmpty?: () => ChurnError;
}

/** Writes the whole table with its state (null: nothing is known of what it is made from). */
export async function writeWholeTable(
  table: DailyTable,
  query: Sql,
  state: TableState | null,
): Promise<number> {
  const { engine, path, format, signal, ifEmpty } = table;
  const rows = await writeWhole(path, async (temporary) => {
    const written = await engine.write(query, temporary, format, signal, ifEmpty);
    if (state !== null && format === 'parquet') {
      await stampState(temporary, state);
    }
    return written;
  });
  if (state !== null && format !== 'parquet') {
    await writeStateBeside(path, state);
  }
  return rows;
}

export interface DaysRewrite {
  /** Numbers of the days that are made anew. */
  days: readonly number[];
  /** Rows of these days, of all users; null: there are no such days. */
  rows: Sql | null;
  /** Rows of other days of users that the table has not had; null: there are none. */
  newUsers: Sql | null;
  /** Whether the rows are to stay in the order of days and users. */
  ordered?: boolean;
}

/**
 * Writes a Parquet table again with some days made anew. Row groups without any of these days are copied as bytes; what else lies
 * in the others is copied row by row; all into a file that then takes the place of the old one.
 * @throws RangeError when the old file is broken, or its columns are others than those of the new rows
 */
export async function rewriteDays(table: DailyTable, rewrite: DaysRewrite, state: TableState): Promise<void> {
  const { engine, path, signal, ifEmpty } = table;
  await writeWhole(path, async (temporary) => {
    const parts = ['days', 'users'].map((name) =>
      joinPath(dirname(temporary), `.${name}${basename(temporary)}`),
    );
    try {
      const footer = await readFooter(path);
      const { before, touched, after } = splitGroups(footer, rewrite);
      const write = async (query: Sql, part: string): Promise<Piece> => {
        await engine.write(sql`${query} ORDER BY as_of_date, user_id`, part, 'parquet', signal);
        const written = await readFooter(part);
        return { path: part, footer: written, groups: written.groups };
      };
      const names = (await engine.describe(sql`SELECT * FROM ${readTable(engine, path)}`)).map(
        ({ name }) => name,
      );
      const made = (rows: Sql) => sql`SELECT ${identifiers(names)} FROM (${rows}) AS made`;
      const others = otherRows(engine, path, footer, touched, rewrite.days);
      const pieces: Piece[] = [{ path, footer, groups: before }];
      if (rewrite.rows !== null) {
        const kept = others === null ? raw('') : sql` UNION ALL SELECT ${identifiers(names)} FROM ${others}`;
        pieces.push(await write(sql`${made(rewrite.rows)}${kept}`, parts[0]));
      }
      pieces.push({ path, footer, groups: after });
      if (rewrite.newUsers !== null) {
        pieces.push(await write(made(rewrite.newUsers), parts[1]));
      }
      const rows = pieces.flatMap(({ groups }) => groups).reduce((sum, group) => sum + group.rows, 0);
      if (rows === 0 && ifEmpty !== undefined) {
        throw ifEmpty();
      }
      await mergeRowGroups(temporary, pieces, stateKeyValues(state));
    } finally {
      await Promise.all(parts.map((part) => rm(part, { force: true })));
    }
  });
}

/** Row groups in a file of so many rows that was written at once. */
const FULL_GROUP = 122_880;
/** So many groups more than that are let be; then all rows are copied into full groups again. */
const SMALL_GROUPS = 40;

interface Split {
  before: RowGroup[];
  touched: RowGroup[];
  after: RowGroup[];
}

/** The groups that hold any of the days, those before the first of them or before the days, and the others. */
function splitGroups({ groups }: Footer, { days, ordered = false }: DaysRewrite): Split {
  if (days.length === 0) {
    return { before: groups, touched: [], after: [] };
  }
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const ranges = groups.map((group) => integerRange(group, 'as_of_date'));
  const span = { first: days[0], last: days[days.length - 1] };
  const touches = (range: { min: number; max: number } | null) =>
    range === null ||
    (ordered
      ? range.min <= span.last && range.max >= span.first
      : days.some((day) => day >= range.min && day <= range.max));
  const scattered = groups.length > rows / FULL_GROUP + SMALL_GROUPS;
  const touched = groups.filter((_, i) => scattered || touches(ranges[i]));
  const kept = groups.filter((group) => !touched.includes(group));
  const isBefore = (group: RowGroup) => (integerRange(group, 'as_of_date')?.max ?? 0) < span.first;
  return { before: kept.filter(isBefore), touched, after: kept.filter((group) => !isBefore(group)) };
}

/** A relation of the rows of other days in the touched groups; null: no group is touched. */
function otherRows(
  engine: Engine,
  path: string,
  { groups }: Footer,
  touched: readonly RowGroup[],
  days: readonly number[],
): Sql | null {
  let row = 0;
  const places = groups.flatMap((group) => {
    const from = row;
    row += group.rows;
    return touched.includes(group)
      ? [sql`(file_row_number >= ${raw(String(from))} AND file_row_number < ${raw(String(row))})`]
      : [];
  });
  return places.length === 0
    ? null
    : sql`${engine.dialect.readNumbered(path)} AS numbered WHERE (${join(places, ' OR ')}) AND as_of_date NOT IN (${dayList(days)})`;
}

/** Days as a list for IN. */
export function dayList(days: readonly number[]): Sql {
  return join(days.map((day) => sql`CAST(${dayOfNumber(day)} AS DATE)`));
}
