import { stat } from 'node:fs/promises';
import type { Config, SourceConfig } from '../config/schema.js';
import { ChurnError } from '../error.js';
import { dayOfNumber } from '../time.js';
import type { Engine, FileFormat } from './engine/engine.js';
import { identifier, join, raw, type Sql, sql } from './engine/sql.js';
import { formatOfPath, inRoot } from './layout.js';
import { type DayReading, isTimeType, zonedTime } from './source/days.js';
import { IDS } from './source/ids.js';
import { type PostgresSource, postgresPlace, readPostgresOnce } from './source/postgres.js';
import { readTextOnce } from './source/text.js';
import { usersFromEvents } from './users-from-events.js';

/** A source under our names: a relation for FROM, and its columns with the engine's types. */
export interface SourceRelation {
  relation: Sql;
  columns: { name: string; type: string }[];
  path: string;
  days: DayReading;
}

export type SourceName = 'users' | 'events';

/** Columns without which a source is none. */
export const NEEDED: Record<SourceName, readonly string[]> = {
  users: ['user_id', 'signup_date'],
  events: ['user_id', 'event_time', 'event_type'],
};

/** A mapped table of the configuration. */
export interface MappedTable {
  source: SourceConfig;
  /** What it holds, in the plural: "users". */
  what: string;
  /** Where it is configured: "sources.users". */
  key: string;
  needed: readonly string[];
  /** What to do when its files are missing. */
  fix: string;
  /** Zone of its days; UTC when it is not said. */
  zone?: string;
}

/**
 * The users or events with their columns under our names.
 * @throws as openMapped
 */
export async function openSource(
  engine: Engine,
  config: Config,
  root: string,
  name: SourceName,
): Promise<SourceRelation> {
  if (name === 'users' && config.sources.users.from === 'events') {
    const events = await openSource(engine, config, root, 'events');
    const time = zonedTime(engine, sql`event_time`, typeOf(events, 'event_time'), events.days, true);
    const relation = usersFromEvents(events, config.sources.users, time);
    const columns = await engine.describe(sql`SELECT * FROM ${relation} AS source`);
    return { ...events, relation, columns };
  }
  const table = (each: SourceName): MappedTable => ({
    source: config.sources[each],
    what: each,
    key: `sources.${each}`,
    needed: NEEDED[each],
    zone: config.time_zone,
    fix: 'set the path in churn.yaml, or run `churn-mlops generate` for synthetic data',
  });
  return openMapped(engine, root, table(name), [table('users'), table('events')]);
}

/**
 * A configured table with its columns under our names. Those of a server's tables that are read `together` are of one moment.
 * @throws input.missing, input.unreadable for the files; data.empty for an empty file; data.column_missing when a mapped
 * or needed column is not there.
 */
export async function openMapped(
  engine: Engine,
  root: string,
  table: MappedTable,
  together: readonly MappedTable[] = [table],
): Promise<SourceRelation> {
  const { source, what, key, needed } = table;
  const path = sourcePlace(root, table);
  await refuseEmptyFile(path, what);
  const { files, there } = await openRows(engine, table, path, together).catch((error) => {
    throw error instanceof ChurnError && error.code === 'input.missing' && table.source.postgres === undefined
      ? missingFiles(table, path, error)
      : error;
  });
  const mapped = mappedColumns(
    table,
    there.map((column) => column.name),
  );
  const where = source.where ? raw(` WHERE (${source.where}\n)`) : raw('');
  const relation = sql`(SELECT ${join(mapped)} FROM (${files}) AS files${where})`;
  const columns = await engine.describe(sql`SELECT * FROM ${relation} AS source`);
  const missing = needed.filter((name) => !columns.some((column) => column.name === name));
  if (missing.length > 0) {
    throw new ChurnError('data.column_missing', {
      expected: `${missing.map((column) => `"${column}"`).join(', ')} in the ${what} (${path})`,
      came: `the columns ${there.map((column) => column.name).join(', ')}`,
      fix: `map them in churn.yaml under ${key}.columns`,
    });
  }
  return { relation, columns, path, days: { zone: table.zone ?? 'UTC', times: source.times } };
}

/** A query over the rows as they are, and its columns. */
async function openRows(
  engine: Engine,
  table: MappedTable,
  path: string,
  together: readonly MappedTable[],
): Promise<{ files: Sql; there: { name: string; type: string }[] }> {
  const server = onServer(table);
  const files =
    server === null
      ? await openFiles(engine, table, path)
      : await readPostgresOnce(
          engine,
          server,
          together.map(onServer).filter((each) => each !== null),
        );
  return { files, there: await engine.describe(files) };
}

async function openFiles(engine: Engine, { source, key }: MappedTable, path: string): Promise<Sql> {
  const format = sourceFormat(source);
  return format === 'parquet'
    ? sql`SELECT * FROM ${engine.dialect.readFiles(path, format)}`
    : readTextOnce(engine, { path, format, csv: source.csv, ids: idColumns(source), key });
}

function onServer({ source, key }: MappedTable): PostgresSource | null {
  return source.postgres === undefined ? null : { from: source.postgres, ids: idColumns(source), key };
}

/** Where a table lies, as messages and history tell it: a path, or a server without its password. */
export function sourcePlace(root: string, table: MappedTable): string {
  const server = onServer(table);
  return server === null ? inRoot(root, table.source.files) : postgresPlace(server);
}

/** The columns of the files that our ids are taken from as they are. */
function idColumns({ columns }: SourceConfig): string[] {
  return IDS.map((ours) => columns[ours] ?? ours).filter((theirs) => typeof theirs === 'string');
}

function missingFiles({ what, key, fix }: MappedTable, path: string, cause: ChurnError): ChurnError {
  const detail = { expected: `${what} at ${path} (${key}.files)`, came: 'no such file', fix };
  return new ChurnError('input.missing', detail, cause);
}

/** A file of no bytes has no columns either; saying so helps more than naming those that are missing. */
async function refuseEmptyFile(path: string, what: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() && found.size === 0) {
    throw new ChurnError('data.empty', { expected: `${what} in ${path}`, came: 'an empty file' });
  }
}

/** The format of a source's files. @throws config.invalid when the ending does not tell. */
export function sourceFormat(source: SourceConfig): FileFormat {
  const format = source.format === 'auto' ? formatOfPath(source.files) : source.format;
  if (format === null) {
    throw new ChurnError('config.invalid', {
      expected: 'a path ending in .parquet, .csv or .jsonl, or `format`',
      came: `"${source.files}"`,
      fix: 'set format: parquet, csv or jsonl beside it',
    });
  }
  return format;
}

function mappedColumns({ source, what, key }: MappedTable, there: string[]): Sql[] {
  const mapped = Object.entries(source.columns).map(([ours, theirs]) => {
    if (typeof theirs === 'object') {
      return sql`${raw(`(${theirs.sql}\n)`)} AS ${identifier(ours)}`;
    }
    if (!there.includes(theirs)) {
      throw new ChurnError('data.column_missing', {
        expected: `a column "${theirs}" in the ${what} (${key}.columns.${ours})`,
        came: `the columns ${there.join(', ')}`,
      });
    }
    return sql`${identifier(theirs)} AS ${identifier(ours)}`;
  });
  const kept = there.filter((column) => !(column in source.columns));
  return [...mapped, ...kept.map(identifier)];
}

const WHOLE = /^(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER|INT|LONG|SHORT|BYTE)$/i;

/** The type in which ids of users and events are compared: whole numbers when both are, else text. */
export function idType(users: SourceRelation, events: SourceRelation): 'BIGINT' | 'STRING' {
  return WHOLE.test(typeOf(users, 'user_id')) && WHOLE.test(typeOf(events, 'user_id')) ? 'BIGINT' : 'STRING';
}

/** The day of a time column in the configured zone, as a DATE; null when it cannot be read and `lenient`. */
export function localDate(engine: Engine, source: SourceRelation, column: string, lenient = false): Sql {
  const time = zonedTime(engine, identifier(column), typeOf(source, column), source.days, lenient);
  return sql`CAST(${time} AS DATE)`;
}

/** The number of that day. */
export function localDay(engine: Engine, source: SourceRelation, column: string): Sql {
  return engine.dialect.dayNumber(localDate(engine, source, column));
}

/** Whether the number of a day is one of these. */
export function isDay(day: Sql, days: readonly number[]): Sql {
  return days.length === 0 ? raw('FALSE') : sql`${day} IN (${raw(days.join(', '))})`;
}

/**
 * Whether a row's time is on one of these days in the configured zone. Of a column of times engines pass over the parts of a file
 * that lie far from these days.
 */
export function isOnDays(
  engine: Engine,
  source: SourceRelation,
  column: string,
  days: readonly number[],
  lenient = false,
): Sql {
  const isOn = isDay(engine.dialect.dayNumber(localDate(engine, source, column, lenient)), days);
  if (days.length === 0 || !isTimeType(typeOf(source, column))) {
    return isOn;
  }
  // Clocks of no zone are two days away from UTC.
  const at = (day: number) => raw(`DATE '${dayOfNumber(day)}'`);
  const [first, last] = [Math.min(...days), Math.max(...days)];
  return sql`(${identifier(column)} >= ${at(first - 2)} AND ${identifier(column)} < ${at(last + 3)} AND ${isOn})`;
}

/** Whether a row has no time, or one that cannot be read. */
export function isUndated(engine: Engine, source: SourceRelation, column: string): Sql {
  const value = isTimeType(typeOf(source, column))
    ? identifier(column)
    : localDate(engine, source, column, true);
  return sql`${value} IS NULL`;
}

function typeOf(source: SourceRelation, name: string): string {
  return source.columns.find((column) => column.name === name)?.type ?? '';
}
