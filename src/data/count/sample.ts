import { random } from '../../random.js';
import type { Engine } from '../engine/engine.js';
import { join, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';

/** Rows that numeric edges are taken from; counts are always of all rows. */
const SAMPLE_ROWS = 50_000;

export interface Sample {
  values: Float64Array;
  /** Smallest and largest finite value of all rows. */
  range: [number, number] | null;
}

/**
 * A seeded random sample of rows in one pass, every row with the same chance, so that no rhythm of the table (users, days) is
 * caught. Algorithm L (Li 1994): rows are skipped without a draw for each.
 */
export async function sampleNumbers(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  seed: number,
): Promise<Sample[]> {
  if (columns.length === 0) {
    return [];
  }
  const kept = columns.map(() => new Float64Array(SAMPLE_ROWS));
  const ranges = columns.map((): [number, number] => [Infinity, -Infinity]);
  const next = reservoir(SAMPLE_ROWS, seed);
  let [row, place, wanted] = [0, 0, 0];
  for await (const chunk of engine.columns(
    sql`SELECT ${join(columns.map(({ value }) => value))} FROM ${relation} AS counted`,
  )) {
    const values = chunk.columns as Float64Array[];
    values.forEach((list, i) => {
      widen(ranges[i], list);
    });
    while (wanted < row + chunk.rows) {
      for (let i = 0; i < kept.length; i++) {
        kept[i][place] = values[i][wanted - row];
      }
      ({ row: wanted, place } = next());
    }
    row += chunk.rows;
  }
  return kept.map((values, i) => ({
    values: values.subarray(0, Math.min(row, SAMPLE_ROWS)),
    // Zero without a sign.
    range: ranges[i][0] > ranges[i][1] ? null : [ranges[i][0] + 0, ranges[i][1] + 0],
  }));
}

/** Tells which row to keep next, and in which place: the first rows in order, then ever rarer ones. */
function reservoir(size: number, seed: number): () => { row: number; place: number } {
  const chance = random(seed);
  const draw = () => 1 - chance.uniform();
  let weight = draw() ** (1 / size);
  let row = 0;
  return () => {
    row++;
    if (row < size) {
      return { row, place: row };
    }
    row += Math.floor(Math.log(draw()) / Math.log1p(-weight));
    weight *= draw() ** (1 / size);
    return { row, place: chance.integer(size) };
  };
}

/** Widens [low, high] by finite values. */
function widen(range: [number, number], values: Float64Array): void {
  let [low, high] = range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < low && value !== -Infinity) {
      low = value;
    }
    if (value > high && value !== Infinity) {
      high = value;
    }
  }
  range[0] = low;
  range[1] = high;
}
