import { coarseLayout } from '../../monitor/profile/coarse.js';
import { mostFrequent, tableProfile } from '../../monitor/profile/count.js';
import { pivotOf } from '../../monitor/profile/moments.js';
import {
  type Bins,
  type CategoricalBins,
  type ColumnProfile,
  type NumericBins,
  type TableProfile,
  UNIT_GROUPS,
} from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';

export interface CountRequest {
  relation: Sql;
  columns: readonly CountedColumn[];
  bins: ReadonlyMap<string, Bins>;
  /** Column whose value names the unit (user) of a row; null: rows are independent. */
  unit: string | null;
  window: TableProfile['window'];
  signal?: AbortSignal;
}

/**
 * Counts a relation over fixed bins: one scan for all numeric columns, one for all categorical ones. Equals
 * profileOfValues on the same rows.
 */
export async function countProfile(engine: Engine, request: CountRequest): Promise<TableProfile> {
  const { relation, columns, unit, window, signal } = request;
  const group = unit === null ? raw('0') : engine.dialect.unitGroup(identifier(unit));
  const units = unit === null ? null : await distinctUnits(engine, relation, unit);
  const numeric = columns.filter((column) => column.kind === 'numeric');
  const categorical = columns.filter((column) => column.kind === 'categorical');
  const counted = new Map<string, ColumnProfile>();
  for (const column of columns) {
    counted.set(column.name, emptyProfile(column.name, request.bins.get(column.name) as Bins, unit !== null));
  }
  const rows = await countNumbers(engine, request, numeric, group, counted, signal);
  if (categorical.length > 0) {
    await countCategories(engine, relation, categorical, group, counted, signal);
  }
  for (const profile of counted.values()) {
    profile.rows = rows;
  }
  return { ...tableProfile([...counted.values()], units, window), rows };
}

async function distinctUnits(engine: Engine, relation: Sql, unit: string): Promise<number> {
  const [{ units }] = await engine.rows<{ units: number }>(
    sql`SELECT count(DISTINCT ${identifier(unit)}) AS units FROM ${relation} AS counted`,
  );
  return units;
}

function emptyProfile(name: string, bins: Bins, hasUnit: boolean): ColumnProfile {
  const cells = coarseLayout(bins).length;
  return {
    name,
    bins,
    rows: 0,
    nulls: 0,
    counts: new Array<number>(
      bins.kind === 'numeric' ? bins.edges.length + 1 : bins.categories.length + 2,
    ).fill(0),
    moments:
      bins.kind === 'numeric'
        ? {
            finite: 0,
            pivot: pivotOf(bins),
            sum: 0,
            sum_squares: 0,
            min: null,
            max: null,
            below: 0,
            above: 0,
          }
        : null,
    unseen: [],
    groups: hasUnit ? Array.from({ length: UNIT_GROUPS }, () => new Array<number>(cells).fill(0)) : null,
  };
}

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

/** Fills the numeric profiles; returns the number of rows of the relation. */
async function countNumbers(
  engine: Engine,
  { relation, bins }: CountRequest,
  columns: readonly CountedColumn[],
  group: Sql,
  counted: Map<string, ColumnProfile>,
  signal?: AbortSignal,
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
    moments.min = smaller(moments.min, row.min);
    moments.max = larger(moments.max, row.max);
    moments.below += row.below;
    moments.above += row.above;
  }
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function larger(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

/** One row per unit group, column and value, by grouping sets over one scan. */
async function countCategories(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  group: Sql,
  counted: Map<string, ColumnProfile>,
  signal?: AbortSignal,
): Promise<void> {
  const names = columns.map((_, i) => identifier(`c${i}`));
  const sets = names.map((name) => sql`(unit_group, ${name})`);
  const which = sql`CASE ${join(
    names.map((name, i) => sql`WHEN grouping(${name}) = 0 THEN ${raw(String(i))}`),
    ' ',
  )} END`;
  const query = sql`SELECT unit_group, ${which} AS which, coalesce(${join(names)}, NULL) AS value, count(*) AS rows
    FROM (SELECT ${group} AS unit_group, ${join(columns.map(({ value }, i) => sql`${value} AS ${names[i]}`))} FROM ${relation} AS counted) AS valued
    GROUP BY GROUPING SETS (${join(sets)})`;
  const cellOf = columns.map((column) =>
    cellsByName((counted.get(column.name) as ColumnProfile).bins as CategoricalBins),
  );
  const unseen = columns.map(() => new Map<string, number>());
  for await (const chunk of engine.columns(query, signal)) {
    const [groups, index, values, rows] = chunk.columns as [
      Float64Array,
      Float64Array,
      (string | null)[],
      Float64Array,
    ];
    for (let i = 0; i < chunk.rows; i++) {
      const at = index[i];
      const profile = counted.get(columns[at].name) as ColumnProfile;
      addCategory(profile, cellOf[at], unseen[at], values[i], rows[i], groups[i]);
    }
  }
  columns.forEach((column, i) => {
    (counted.get(column.name) as ColumnProfile).unseen = mostFrequent(unseen[i]);
  });
}

function cellsByName(bins: CategoricalBins): Map<string, number> {
  return new Map([
    ...bins.rare.map((name) => [name, bins.categories.length] as [string, number]),
    ...bins.categories.map((name, i) => [name, i] as [string, number]),
  ]);
}

function addCategory(
  profile: ColumnProfile,
  cells: Map<string, number>,
  unseen: Map<string, number>,
  value: string | null,
  rows: number,
  group: number,
): void {
  const bins = profile.bins as CategoricalBins;
  const unseenCell = bins.categories.length + 1;
  const cell = value === null ? unseenCell + 1 : (cells.get(value) ?? unseenCell);
  if (value === null) {
    profile.nulls += rows;
  } else {
    profile.counts[cell] += rows;
    if (cell === unseenCell) {
      unseen.set(value, (unseen.get(value) ?? 0) + rows);
    }
  }
  if (profile.groups) {
    profile.groups[group][cell] += rows;
  }
}
