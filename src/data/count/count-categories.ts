import type { Column, Engine } from '../engine/engine.js';
import { identifier, join, raw, sql } from '../engine/sql.js';
import type { Counters, CountRequest, Key } from './count-profile.js';

/** One row per key, unit group, column and value, by grouping sets over one scan. */
export async function countCategories(
  engine: Engine,
  { relation, columns, unit, by, signal }: CountRequest,
  countersOf: (key: Key) => Counters,
): Promise<void> {
  const categorical = columns.filter(({ kind }) => kind === 'categorical');
  if (categorical.length === 0) {
    return;
  }
  const group = unit === null ? raw('0') : engine.dialect.unitGroup(identifier(unit));
  const names = categorical.map((_, i) => identifier(`c${i}`));
  const sets = names.map((name) => sql`(row_key, unit_group, ${name})`);
  const which = sql`CASE ${join(
    names.map((name, i) => sql`WHEN grouping(${name}) = 0 THEN ${raw(String(i))}`),
    ' ',
  )} END`;
  const values = categorical.map(({ value }, i) => sql`${value} AS ${names[i]}`);
  const query = sql`SELECT row_key, unit_group, ${which} AS which, coalesce(${join(names)}, NULL) AS value, count(*) AS rows
    FROM (SELECT ${by ?? raw('0')} AS row_key, ${group} AS unit_group, ${join(values)} FROM ${relation} AS counted) AS valued
    GROUP BY GROUPING SETS (${join(sets)})`;
  for await (const chunk of engine.columns(query, signal)) {
    const [keys, groups, index, texts, rows] = chunk.columns as [
      Column,
      Float64Array,
      Float64Array,
      (string | null)[],
      Float64Array,
    ];
    for (let i = 0; i < chunk.rows; i++) {
      const counters = countersOf(by === undefined ? null : keys[i]);
      counters.texts.get(categorical[index[i]].name)?.add(texts[i], rows[i], groups[i]);
    }
  }
}
