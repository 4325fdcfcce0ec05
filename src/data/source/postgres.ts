import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { SourceConfig } from '../../config/schema.js';
import { ChurnError, messageOf } from '../../error.js';
import { asFileError } from '../../files.js';
import { placeOf } from '../../postgres/place.js';
import type { ServerColumn, SnapshotReader } from '../../postgres/read.js';
import { codeOf, DISK, REFUSED, troubleOf } from '../../postgres/trouble.js';
import type { Engine } from '../engine/engine.js';
import { type Sql, sql } from '../engine/sql.js';

/** A table or query of a PostgreSQL database. */
export interface PostgresSource {
  from: NonNullable<SourceConfig['postgres']>;
  /** The columns that hold ids, by their names there. */
  ids: readonly string[];
  /** Where it is configured: "sources.users". */
  key: string;
}

/** How a source is called in messages and in history: without a password. */
export function postgresPlace({ from, key }: PostgresSource): string {
  return `${placeOf(from.url, `${key}.postgres.url`)} ${from.table ?? 'query'}`;
}

/**
 * A query over the rows of a source. All `sources` of one database are read in one transaction, once for as long as the engine
 * lives: what a run sees is of one moment. The rows pass through a file in the spill folder, in the memory of a few chunks.
 * @throws io.failed when the server does not answer; config.invalid when it refuses us, or the query;
 *   input.missing for a table, data.column_missing for a column that is not there; work.cancelled
 */
export async function readPostgresOnce(
  engine: Engine,
  source: PostgresSource,
  sources: readonly PostgresSource[],
): Promise<Sql> {
  const together = sources.filter(({ from }) => from.url === source.from.url);
  const read = await engine.once(JSON.stringify(['postgres', together]), async (folder, signal) =>
    readTogether(engine, together, await folder(), signal),
  );
  return sql`SELECT * FROM ${engine.dialect.readFiles(read[source.key], 'parquet')}`;
}

/** The Parquet file of each source, by its key. */
async function readTogether(
  engine: Engine,
  sources: readonly PostgresSource[],
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  // The source that is being read, for messages.
  let current = sources[0];
  try {
    // The client is loaded by who has such a source.
    const { readSnapshot } = await import('../../postgres/read.js');
    await readSnapshot(current.from.url, signal, async (reader) => {
      for (const source of sources) {
        current = source;
        files[source.key] = await copySource(engine, reader, source, join(folder, source.key), signal);
      }
    });
  } catch (error) {
    throw asSourceError(error, current, signal);
  }
  return files;
}

async function copySource(
  engine: Engine,
  reader: SnapshotReader,
  { from, ids }: PostgresSource,
  place: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const query = from.query?.replace(/;\s*$/, '') ?? `SELECT * FROM ${quoted(from.table ?? '')}`;
  const columns = await reader.columns(query);
  const text = `${place}.csv`;
  const target = `${place}.parquet`;
  await pipeline(reader.csv(query), createWriteStream(text), { signal }).catch((error) => {
    throw (error as NodeJS.ErrnoException).path === text || FULL.test(codeOf(error))
      ? asFileError(error, text, 'write')
      : error;
  });
  const types = Object.fromEntries(columns.map((column) => [column.name, typeOf(column, ids)]));
  await engine.keep(
    sql`SELECT * FROM ${engine.dialect.readFiles(text, 'csv', { columns: types })} AS source`,
    target,
  );
  await rm(text);
  return target;
}

const FULL = /^(ENOSPC|EDQUOT|EROFS)$/;

const quoted = (table: string): string =>
  table
    .split('.')
    .map((name) => `"${name.replaceAll('"', '""')}"`)
    .join('.');

/** The engine's types by the OIDs of the server's; any other is text. A numeric may be NaN, and is read as the sums are made. */
const TYPES: Record<number, string> = {
  16: 'BOOLEAN',
  20: 'BIGINT',
  21: 'SMALLINT',
  23: 'INTEGER',
  700: 'FLOAT',
  701: 'DOUBLE',
  1082: 'DATE',
  1114: 'TIMESTAMP',
  1184: 'TIMESTAMPTZ',
  1700: 'DOUBLE',
};

const NUMERIC = 1700;

/** A numeric that is an id keeps all its digits. */
function typeOf({ name, type }: ServerColumn, ids: readonly string[]): string {
  return type === NUMERIC && ids.includes(name) ? 'VARCHAR' : (TYPES[type] ?? 'VARCHAR');
}

const WRONG: Record<
  string,
  { code: 'input.missing' | 'data.column_missing' | 'config.invalid'; expected: string }
> = {
  '42P01': { code: 'input.missing', expected: 'the table' },
  '3F000': { code: 'input.missing', expected: 'the schema' },
  '42703': { code: 'data.column_missing', expected: 'every column of the query' },
};

function asSourceError(error: unknown, source: PostgresSource, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) {
    return new ChurnError('work.cancelled', { expected: 'to finish', came: 'a request to stop' }, error);
  }
  if (error instanceof ChurnError) {
    return error;
  }
  const [code, said, place, key] = [
    codeOf(error),
    messageOf(error),
    postgresPlace(source),
    `${source.key}.postgres`,
  ];
  if (troubleOf(error) !== null || DISK[code] || code === '57014') {
    const fix = 'see whether the server runs and is reachable, then try again';
    return new ChurnError('io.failed', { expected: `to read ${place}`, came: said || code, fix }, error);
  }
  if (WRONG[code]) {
    const { expected } = WRONG[code];
    return new ChurnError(
      WRONG[code].code,
      { expected: `${expected} in ${place}`, came: said, fix: `correct ${key}` },
      error,
    );
  }
  const came = REFUSED[code] ? `${REFUSED[code]} (${said})` : said;
  return new ChurnError(
    'config.invalid',
    { expected: `to read ${place}`, came, fix: `correct ${key}` },
    error,
  );
}
