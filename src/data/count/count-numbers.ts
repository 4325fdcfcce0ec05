import type { Column, Engine } from '../engine/engine.js';
import { identifier, join, type Sql, sql } from '../engine/sql.js';
import type { Counters, CountRequest, Key } from './count-profile.js';

/** Streams every numeric column once, with the unit group and the key of each row where they are wanted. */
export async function countNumbers(
  engine: Engine,
  { relation, columns, unit, by, signal }: CountRequest,
  countersOf: (key: Key) => Counters,
): Promise<void> {
  const numeric = columns.filter(({ kind }) => kind === 'numeric');
  const extra: Sql[] = [
    ...(unit === null ? [] : [engine.dialect.unitGroup(identifier(unit))]),
    ...(by === undefined ? [] : [by]),
  ];
  // Without any column to select rows are still to be counted.
  const selected = [...numeric.map(({ value }) => value), ...extra];
  const query = sql`SELECT ${join(selected.length === 0 ? [sql`0`] : selected)} FROM ${relation} AS counted`;
  for await (const chunk of engine.columns(query, signal, true)) {
    const values = chunk.columns.slice(0, numeric.length) as ArrayLike<number>[];
    const groups = unit === null ? undefined : (chunk.columns[numeric.length] as ArrayLike<number>);
    const parts = by === undefined ? null : rowsByKey(chunk.columns[chunk.columns.length - 1]);
    for (const [key, rows] of parts ?? [[null, null]]) {
      const counters = countersOf(key);
      counters.rows += rows?.length ?? chunk.rows;
      const ofRows = (list: ArrayLike<number>) => (rows === null ? list : pick(list, rows));
      numeric.forEach(({ name }, i) => {
        counters.numbers.get(name)?.add(ofRows(values[i]), groups && ofRows(groups));
      });
    }
  }
}

function rowsByKey(keys: Column): Map<Key, number[]> {
  const parts = new Map<Key, number[]>();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const known = parts.get(key);
    if (known === undefined) {
      parts.set(key, [i]);
    } else {
      known.push(i);
    }
  }
  return parts;
}

function pick(values: ArrayLike<number>, rows: readonly number[]): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    picked[i] = values[rows[i]];
  }
  return picked;
}
