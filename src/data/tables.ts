import { stat } from 'node:fs/promises';
import { ChurnError } from '../error.js';
import type { Day } from '../time.js';
import type { Engine } from './engine/engine.js';
import { type Sql, sql } from './engine/sql.js';
import { formatOfPath } from './layout.js';

/** A relation (for FROM) over one of our tables. */
export function readTable(engine: Engine, path: string): Sql {
  return sql`${engine.dialect.readFiles(path, formatOfPath(path) ?? 'parquet')}`;
}

/** Refuses to go on when an earlier step has not run. @throws input.missing naming the step. */
export async function requireTable(path: string, madeBy: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) {
    throw new ChurnError('input.missing', {
      expected: path,
      came: 'nothing there',
      fix: `run \`churn-mlops ${madeBy}\` first`,
    });
  }
}

/** Rows of a table; of a Parquet file its footer tells them. */
export async function countRows(engine: Engine, path: string): Promise<number> {
  const [{ rows }] = await engine.rows<{ rows: number }>(
    sql`SELECT count(*) AS rows FROM ${readTable(engine, path)} AS counted`,
  );
  return rows;
}

/** First and last as_of_date of a table. @throws data.empty */
export async function dayRange(engine: Engine, path: string): Promise<{ first: Day; last: Day }> {
  const [range] = await engine.rows<{ first: Day | null; last: Day | null }>(
    sql`SELECT min(as_of_date) AS first, max(as_of_date) AS last FROM ${readTable(engine, path)}`,
  );
  if (range.first === null || range.last === null) {
    throw new ChurnError('data.empty', { expected: `rows in ${path}`, came: 'none' });
  }
  return { first: range.first, last: range.last };
}

/** @throws data.column_missing that names all columns that are not there; `fix` says what to do */
export function requireColumns(
  there: readonly { name: string }[],
  names: readonly string[],
  where: string,
  fix?: string,
): void {
  const known = there.map(({ name }) => name);
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length > 0) {
    throw new ChurnError('data.column_missing', {
      expected: `${missing.map((name) => `"${name}"`).join(', ')} in ${where}`,
      came: `the columns ${known.join(', ')}`,
      fix,
    });
  }
}

/** @throws data.empty for a relation without rows, by the path that it comes from */
export async function requireRows(engine: Engine, relation: Sql, path: string): Promise<void> {
  const rows = await engine.rows(sql`SELECT 1 AS one FROM ${relation} AS source LIMIT 1`);
  if (rows.length === 0) {
    throw new ChurnError('data.empty', { expected: `rows in ${path}`, came: 'a header without rows' });
  }
}

/** @throws input.missing, data.empty for a file of no bytes, usage.invalid for an unknown ending */
export async function requireFile(path: string): Promise<void> {
  if (formatOfPath(path) === null) {
    throw new ChurnError('usage.invalid', {
      expected: 'a file that ends in .parquet, .csv or .jsonl',
      came: path,
    });
  }
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new ChurnError('input.missing', { expected: `the file ${path}`, came: 'nothing there' });
  }
  if (found.size === 0) {
    throw new ChurnError('data.empty', { expected: `a table in ${path}`, came: 'an empty file' });
  }
}
