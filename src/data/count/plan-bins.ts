import { categoricalBins, numericBins } from '../../monitor/profile/bins.js';
import { refuseIdentifier } from '../../monitor/profile/identifier.js';
import type { Bins } from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';

export interface BinPlan {
  bins: Map<string, Bins>;
  /** Text columns of mostly distinct values (identifiers), with the reason. */
  refused: { name: string; reason: string }[];
}

/** Rows that numeric edges are taken from, fewer where there are many columns; counts are always of all rows. */
const SAMPLE_ROWS = 50_000;
const SAMPLE_VALUES = 5_000_000;

/** Bins of every column from a reference: quantiles of sample rows (with their range), categories from all rows. */
export async function planBins(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  seed: number,
): Promise<BinPlan> {
  const plan: BinPlan = { bins: new Map(), refused: [] };
  const numeric = columns.filter((column) => column.kind === 'numeric');
  const samples = await sampleNumbers(engine, relation, numeric, seed);
  numeric.forEach((column, i) => {
    plan.bins.set(column.name, numericBins(samples[i]));
  });
  await planCategories(
    engine,
    relation,
    columns.filter((column) => column.kind === 'categorical'),
    plan,
  );
  return plan;
}

async function sampleNumbers(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  seed: number,
): Promise<Float64Array[]> {
  if (columns.length === 0) {
    return [];
  }
  const size = Math.min(SAMPLE_ROWS, Math.max(2_000, Math.floor(SAMPLE_VALUES / columns.length)));
  const kept = columns.map(() => new Float64Array(size));
  const sampled = engine.dialect.sampleRows(
    sql`SELECT ${join(columns.map(({ value }, i) => sql`${value} AS ${identifier(`v${i}`)}`))} FROM ${relation} AS counted`,
    size,
    seed,
  );
  let rows = 0;
  for await (const chunk of engine.columns(sampled, undefined, true)) {
    kept.forEach((values, i) => {
      values.set(chunk.columns[i] as Float64Array, rows);
    });
    rows += chunk.rows;
  }
  return kept.map((values) => values.subarray(0, rows));
}

/** More distinct values than this (about) are counted before they are read: they may be an identifier. */
const MANY_DISTINCT = 10_000;

async function planCategories(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  plan: BinPlan,
): Promise<void> {
  if (columns.length === 0) {
    return;
  }
  const about = columns.map(({ value }, i) => sql`approx_count_distinct(${value}) AS ${identifier(`d${i}`)}`);
  const [distinct] = await engine.rows<Record<string, number>>(
    sql`SELECT ${join(about)} FROM ${relation} AS counted`,
  );
  const refuse = (name: string, values: number, filled: number): boolean => {
    const reason = refuseIdentifier(values, filled);
    if (reason !== null) {
      plan.refused.push({ name, reason });
    }
    return reason !== null;
  };
  const readable: CountedColumn[] = [];
  for (const [i, column] of columns.entries()) {
    if (distinct[`d${i}`] <= MANY_DISTINCT) {
      readable.push(column);
      continue;
    }
    const [facts] = await engine.rows<{ distinct_values: number; filled: number }>(
      sql`SELECT count(DISTINCT ${column.value}) AS distinct_values, count(${column.value}) AS filled FROM ${relation} AS counted`,
    );
    if (!refuse(column.name, facts.distinct_values, facts.filled)) {
      readable.push(column);
    }
  }
  for (const [column, counts] of await valueCounts(engine, relation, readable)) {
    const filled = counts.reduce((sum, [, rows]) => sum + rows, 0);
    if (!refuse(column.name, counts.length, filled)) {
      plan.bins.set(column.name, categoricalBins(counts));
    }
  }
}

/** Rows of every value of every column, by grouping sets over one scan. */
async function valueCounts(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
): Promise<Map<CountedColumn, [string, number][]>> {
  const found = new Map(columns.map((column) => [column, [] as [string, number][]]));
  if (columns.length === 0) {
    return found;
  }
  const names = columns.map((_, i) => identifier(`c${i}`));
  const which = sql`CASE ${join(
    names.map((name, i) => sql`WHEN grouping(${name}) = 0 THEN ${raw(String(i))}`),
    ' ',
  )} END`;
  const values = columns.map(({ value }, i) => sql`${value} AS ${names[i]}`);
  const query = sql`SELECT ${which} AS which, coalesce(${join(names)}, NULL) AS value, count(*) AS rows
    FROM (SELECT ${join(values)} FROM ${relation} AS counted) AS valued
    GROUP BY GROUPING SETS (${join(names.map((name) => sql`(${name})`))})`;
  for await (const chunk of engine.columns(query)) {
    const [index, texts, rows] = chunk.columns as [Float64Array, (string | null)[], Float64Array];
    texts.forEach((text, i) => {
      if (text !== null) {
        found.get(columns[index[i]])?.push([text, rows[i]]);
      }
    });
  }
  return found;
}
