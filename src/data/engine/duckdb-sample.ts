import { ChurnError, messageOf } from '../../error.js';
import type { Engine } from './engine.js';
import { raw, type Sql, sql } from './sql.js';

type SampledEngine = Pick<Engine, 'rows' | 'describe'>;

/**
 * Rows of Parquet files have numbers: those of the smallest hashes are a sample, which all threads help to find. Other relations
 * get DuckDB's reservoir, which one thread fills.
 */
export async function sampleQuery(
  engine: SampledEngine,
  selected: Sql,
  relation: Sql,
  rows: number,
  seed: number,
): Promise<Sql> {
  const query = sql`SELECT ${selected} FROM ${relation} AS sampled`;
  const whole = await numberedRows(engine, relation);
  if (whole === null) {
    return sql`SELECT * FROM (${query}) AS whole USING SAMPLE reservoir(${raw(String(rows))} ROWS) REPEATABLE (${raw(String(seed >>> 0))})`;
  }
  if (whole <= rows) {
    return query;
  }
  const hash = raw(`hash(file_index, file_row_number, ${seed >>> 0})`);
  // So many that hardly ever too few are left, of which the first are taken.
  const enough = Math.min(1, (rows + 6 * Math.sqrt(rows)) / whole);
  return sql`${query} WHERE ${hash} <= ${raw(String(BigInt(Math.floor(enough * 2 ** 53)) << 11n))} ORDER BY ${hash} LIMIT ${raw(String(rows))}`;
}

/** Null for a relation whose rows have no numbers, or that has columns of its own by their names. */
async function numberedRows(engine: SampledEngine, relation: Sql): Promise<number | null> {
  const columns = await engine.describe(sql`SELECT * FROM ${relation} AS sampled`);
  if (columns.some(({ name }) => /^file_(row_number|index)$/i.test(name))) {
    return null;
  }
  try {
    const [{ rows }] = await engine.rows<{ rows: number }>(
      sql`SELECT count(file_row_number) AS rows FROM ${relation} AS sampled`,
    );
    return rows;
  } catch (error) {
    if (error instanceof ChurnError && /column "file_row_number" not found/.test(messageOf(error))) {
      return null;
    }
    throw error;
  }
}
