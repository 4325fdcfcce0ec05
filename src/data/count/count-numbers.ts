import { pivotOf } from '../../monitor/profile/moments.js';
import type { ColumnProfile, NumericBins } from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';
import type { CountRequest } from './count-profile.js';

interface NumericRow {
  counts: number[] | null;
  finite: number;
  sum: number | null;
  squares: number | null;
  min: number | null;
  max: number | null;
  below: number;
  above: number;
}

const NUMERIC_FIELDS = ['counts', 'finite', 'sum', 'squares', 'min', 'max', 'below', 'above'] as const;

/** Fills the numeric profiles in one scan; returns the number of rows of the relation. */
export async function countNumbers(
  engine: Engine,
  { relation, bins, signal }: CountRequest,
  columns: readonly CountedColumn[],
  group: Sql,
  counted: ReadonlyMap<string, ColumnProfile>,
): Promise<number> {
  const values = columns.map(({ value }, i) => sql`, ${value} AS ${identifier(`v${i}`)}`);
  const aggregates = columns.map((column, i) => {
    const named = numericAggregates(engine, identifier(`v${i}`), bins.get(column.name) as NumericBins);
    return sql`, ${join(named.map((aggregate, field) => sql`${aggregate} AS ${identifier(`${NUMERIC_FIELDS[field]}_${i}`)}`))}`;
  });
  const found = await engine.rows<Record<string, unknown> & { unit_group: number; all_rows: number }>(
    sql`SELECT unit_group, count(*) AS all_rows${join(aggregates, '')}
      FROM (SELECT ${group} AS unit_group${join(values, '')} FROM ${relation} AS counted) AS valued
      GROUP BY unit_group ORDER BY unit_group`,
    signal,
  );
  columns.forEach((column, i) => {
    for (const row of found) {
      const cells = Object.fromEntries(
        NUMERIC_FIELDS.map((field) => [field, row[`${field}_${i}`]]),
      ) as unknown as NumericRow;
      addNumbers(counted.get(column.name) as ColumnProfile, cells, row.all_rows, row.unit_group);
    }
  });
  return found.reduce((sum, row) => sum + row.all_rows, 0);
}

function numericAggregates(engine: Engine, value: Sql, bins: NumericBins): Sql[] {
  const infinity = sql`CAST('Infinity' AS DOUBLE)`;
  const finite = sql`CASE WHEN abs(${value}) < ${infinity} THEN ${value} END`;
  const deviation = sql`(${finite} - CAST(${pivotOf(bins)} AS DOUBLE))`;
  const [low, high] = bins.range;
  return [
    engine.dialect.binCounts(value, bins.edges),
    sql`count(${finite})`,
    sql`sum(${deviation})`,
    sql`sum(${deviation} * ${deviation})`,
    sql`min(${finite})`,
    sql`max(${finite})`,
    sql`count(CASE WHEN ${value} < CAST(${low} AS DOUBLE) THEN 1 END)`,
    sql`count(CASE WHEN ${value} > CAST(${high} AS DOUBLE) THEN 1 END)`,
  ];
}

function addNumbers(profile: ColumnProfile, row: NumericRow, rows: number, group: number): void {
  const bins = profile.bins as NumericBins;
  const counts = row.counts ?? [];
  const nulls = rows - counts.reduce((sum, count) => sum + count, 0);
  counts.forEach((count, i) => {
    profile.counts[i] += count;
    if (profile.groups) {
      profile.groups[group][bins.coarse[i]] += count;
    }
  });
  profile.nulls += nulls;
  if (profile.groups) {
    profile.groups[group][bins.coarse_labels.length] += nulls;
  }
  const moments = profile.moments;
  if (moments) {
    moments.finite += row.finite;
    moments.sum += row.sum ?? 0;
    moments.sum_squares += row.squares ?? 0;
    moments.min = extreme(Math.min, moments.min, row.min);
    moments.max = extreme(Math.max, moments.max, row.max);
    moments.below += row.below;
    moments.above += row.above;
  }
}

/** The smaller (or larger) of those that are there; 0 without a sign. */
function extreme(pick: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return b === null ? a : pick(a ?? b, b) + 0;
}
