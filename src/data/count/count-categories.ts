import { mostFrequent } from '../../monitor/profile/count.js';
import type { CategoricalBins, ColumnProfile } from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';
import type { CountRequest } from './count-profile.js';

/** Fills the categorical profiles: one row per unit group, column and value, by grouping sets over one scan. */
export async function countCategories(
  engine: Engine,
  { relation, signal }: CountRequest,
  columns: readonly CountedColumn[],
  group: Sql,
  counted: ReadonlyMap<string, ColumnProfile>,
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
