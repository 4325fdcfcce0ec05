import { stat } from 'node:fs/promises';
import type { Config, SourceConfig } from '../config/schema.js';
import { ChurnError } from '../error.js';
import type { Engine, FileFormat } from './engine/engine.js';
import { identifier, join, raw, type Sql, sql } from './engine/sql.js';
import { formatOfPath, inRoot } from './layout.js';
import { IDS } from './source/ids.js';
import { readTextOnce } from './source/text.js';
import { usersFromEvents } from './users-from-events.js';

/** A source under our names: a relation for FROM, and its columns with the engine's types. */
export interface SourceRelation {
  relation: Sql;
  columns: { name: string; type: string }[];
  path: string;
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
    const time = engine.dialect.utcTime(sql`event_time`, typeOf(events, 'event_time'), true);
    const relation = usersFromEvents(events, config.sources.users, time);
    return {
      relation,
      columns: await engine.describe(sql`SELECT * FROM ${relation} AS source`),
      path: events.path,
    };
  }
  return openMapped(engine, root, {
    source: config.sources[name],
    what: name,
    key: `sources.${name}`,
    needed: NEEDED[name],
    fix: 'set the path in churn.yaml, or run `churn-mlops generate` for synthetic data',
  });
}

/**
 * A configured table with its columns under our names.
 * @throws input.missing, input.unreadable for the files; data.empty for an empty file; data.column_missing when a mapped
 * or needed column is not there.
 */
export async function openMapped(engine: Engine, root: string, table: MappedTable): Promise<SourceRelation> {
  const { source, what, key, needed } = table;
  const path = inRoot(root, source.files);
  await refuseEmptyFile(path, what);
  const { files, there } = await openFiles(engine, table, path).catch((error) => {
    throw error instanceof ChurnError && error.code === 'input.missing'
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
  return { relation, columns, path };
}

/** A query over the files as they are, and its columns. */
async function openFiles(
  engine: Engine,
  { source, key }: MappedTable,
  path: string,
): Promise<{ files: Sql; there: { name: string; type: string }[] }> {
  const format = sourceFormat(source);
  const files =
    format === 'parquet'
      ? sql`SELECT * FROM ${engine.dialect.readFiles(path, format)}`
      : await readTextOnce(engine, { path, format, csv: source.csv, ids: idColumns(source), key });
  return { files, there: await engine.describe(files) };
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

/** The day of a time column in UTC, as a DATE; null when it cannot be read and `lenient`. */
export function utcDate(engine: Engine, source: SourceRelation, column: string, lenient = false): Sql {
  const time = engine.dialect.utcTime(identifier(column), typeOf(source, column), lenient);
  return sql`CAST(${time} AS DATE)`;
}

/** The day number of a time column in UTC. */
export function utcDay(engine: Engine, source: SourceRelation, column: string): Sql {
  return engine.dialect.dayNumber(utcDate(engine, source, column));
}

function typeOf(source: SourceRelation, name: string): string {
  return source.columns.find((column) => column.name === name)?.type ?? '';
}
