import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckDB } from '../../src/data/engine/duckdb.js';
import { raw, sql } from '../../src/data/engine/sql.js';

export type Cell = string | number | boolean | null;
export type Columns = Record<string, readonly Cell[]>;

/** Columns as a CSV file; null is an empty cell. */
export async function writeCsv(folder: string, name: string, columns: Columns): Promise<string> {
  const names = Object.keys(columns);
  const rows = columns[names[0]].map((_, row) => names.map((column) => columns[column][row] ?? '').join(','));
  const path = join(folder, name);
  await writeFile(path, `${[names.join(','), ...rows].join('\n')}\n`);
  return path;
}

export async function writeJsonl(folder: string, name: string, columns: Columns): Promise<string> {
  const names = Object.keys(columns);
  const rows = columns[names[0]].map((_, row) =>
    JSON.stringify(Object.fromEntries(names.map((column) => [column, columns[column][row]]))),
  );
  const path = join(folder, name);
  await writeFile(path, `${rows.join('\n')}\n`);
  return path;
}

/** The same table as Parquet. */
export async function asParquet(folder: string, csv: string, name: string): Promise<string> {
  const engine = await openDuckDB({ memoryLimit: '500MB', threads: 1, spillFolder: join(folder, '.spill') });
  const path = join(folder, name);
  await engine.write(sql`SELECT * FROM ${raw(`read_csv('${csv}', header = true)`)}`, path, 'parquet');
  await engine.close();
  return path;
}
