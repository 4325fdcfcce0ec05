import { categoricalBins, numericBins } from '../../monitor/profile/bins.js';
import { refuseIdentifier } from '../../monitor/profile/identifier.js';
import type { Bins } from '../../monitor/profile/profile.js';
import { random } from '../../random.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';

/** Rows that numeric edges are taken from; counts are always of all rows. */
const SAMPLE_ROWS = 50_000;

export interface BinPlan {
  bins: Map<string, Bins>;
  /** Text columns of mostly distinct values (identifiers), with the reason. */
  refused: { name: string; reason: string }[];
}

/**
 * Bins of every column from a reference: quantiles of evenly spread sample rows with the exact range, categories from
 * all rows.
 */
export async function planBins(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  seed: number,
): Promise<BinPlan> {
  const plan: BinPlan = { bins: new Map(), refused: [] };
  const numeric = columns.filter((column) => column.kind === 'numeric');
  const samples = numeric.length === 0 ? [] : await sampleRows(engine, relation, numeric, seed);
  numeric.forEach((column, i) => {
    const { values, range } = samples[i];
    plan.bins.set(column.name, numericBins(values, range === null ? {} : { range }));
  });
  for (const column of columns.filter((candidate) => candidate.kind === 'categorical')) {
    const categories = await categoriesOf(engine, relation, column);
    if (typeof categories === 'string') {
      plan.refused.push({ name: column.name, reason: categories });
    } else {
      plan.bins.set(column.name, categories);
    }
  }
  return plan;
}

interface Sample {
  values: Float64Array;
  range: [number, number] | null;
}

/** About SAMPLE_ROWS rows at seeded random gaps, so that no rhythm of the table (users, days) is caught. */
async function sampleRows(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  seed: number,
): Promise<Sample[]> {
  const names = columns.map((_, i) => ({ low: `low_${i}`, high: `high_${i}` }));
  const ranges = columns.map(({ value }, i) => {
    const finite = sql`CASE WHEN abs(${value}) < CAST('Infinity' AS DOUBLE) THEN ${value} END`;
    return sql`min(${finite}) AS ${identifier(names[i].low)}, max(${finite}) AS ${identifier(names[i].high)}`;
  });
  const [facts] = await engine.rows<Record<string, number | null>>(
    sql`SELECT count(*) AS all_rows, ${join(ranges)} FROM ${relation} AS counted`,
  );
  const step = Math.max(1, Number(facts.all_rows) / SAMPLE_ROWS);
  const kept = columns.map(() => new Float64Array(Math.min(Number(facts.all_rows), SAMPLE_ROWS + 1)));
  const stream = random(seed);
  let [row, next, count] = [0, step === 1 ? 0 : stream.uniform() * step, 0];
  const query = sql`SELECT ${join(columns.map(({ value }) => sql`coalesce(${value}, CAST('NaN' AS DOUBLE))`))} FROM ${relation} AS counted`;
  for await (const chunk of engine.columns(query)) {
    while (next < row + chunk.rows && count < kept[0].length) {
      const at = Math.floor(next) - row;
      for (let i = 0; i < kept.length; i++) {
        kept[i][count] = (chunk.columns[i] as Float64Array)[at];
      }
      count++;
      next = step === 1 ? next + 1 : (count + stream.uniform()) * step;
    }
    row += chunk.rows;
  }
  return kept.map((values, i) => {
    const [low, high] = [facts[names[i].low], facts[names[i].high]];
    return { values: values.subarray(0, count), range: low === null || high === null ? null : [low, high] };
  });
}

/** The bins of a text column, or why it is none. */
async function categoriesOf(engine: Engine, relation: Sql, column: CountedColumn): Promise<Bins | string> {
  const [facts] = await engine.rows<{ distinct_values: number; filled: number }>(
    sql`SELECT count(DISTINCT ${column.value}) AS distinct_values, count(${column.value}) AS filled FROM ${relation} AS counted`,
  );
  const refused = refuseIdentifier(facts.distinct_values, facts.filled);
  if (refused !== null) {
    return refused;
  }
  const counts = await engine.rows<{ value: string; rows: number }>(
    sql`SELECT ${column.value} AS value, count(*) AS rows FROM ${relation} AS counted WHERE ${column.value} IS NOT NULL GROUP BY ${column.value} ORDER BY ${raw('2 DESC, 1')}`,
  );
  return categoricalBins(counts.map(({ value, rows }) => [value, rows] as [string, number]));
}
