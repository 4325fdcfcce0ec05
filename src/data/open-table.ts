import type { SourceConfig } from '../config/schema.js';
import type { Engine } from './engine/engine.js';
import { type Sql, sql } from './engine/sql.js';
import { formatOfPath } from './layout.js';
import { readTable, requireFile, requireRows } from './tables.js';

/** How a CSV file is read that nobody configured: the defaults of a source's `csv`. */
export const DEFAULT_CSV: SourceConfig['csv'] = {
  delimiter: 'auto',
  header: true,
  names: [],
  quote: '"',
  encoding: 'utf-8',
  types: {},
};

/**
 * How many of an engine's threads count tables fastest. Text files are parsed by two; columns of Parquet stream in time with one,
 * while for each chunk of another's the stream waits: a tenth more time with ten million rows.
 */
export function threadsToCount(paths: readonly string[]): number {
  const columnar = paths.every((path) => formatOfPath(path) === 'parquet' || /\.json$/i.test(path));
  return columnar ? 1 : 2;
}

/**
 * A relation (for FROM) over any table with rows, to be read several times. Texts (CSV, JSON lines) are parsed once, as those of
 * sources are: nothing of a value is lost to a type that was guessed from the first rows.
 * @throws input.missing, input.unreadable, data.empty, usage.invalid for an unknown ending
 */
export async function openTable(engine: Engine, path: string): Promise<Sql> {
  await requireFile(path);
  const format = formatOfPath(path);
  const relation =
    format === 'csv' || format === 'jsonl' ? await readText(engine, path, format) : readTable(engine, path);
  await requireRows(engine, relation, path);
  return relation;
}

async function readText(engine: Engine, path: string, format: 'csv' | 'jsonl'): Promise<Sql> {
  const { readTextOnce } = await import('./source/text.js');
  return sql`(${await readTextOnce(engine, { path, format, csv: DEFAULT_CSV, ids: [], key: null })})`;
}
