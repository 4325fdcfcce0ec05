import type { Column, Engine } from '../engine/engine.js';
import { identifier, join, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';
import type { Counters } from './count-profile.js';
import type { Key, ValuesRequest } from './count-values.js';
import { COLUMNS_AT_A_TIME, inParts } from './parts.js';

/** Streams numeric columns once, with the unit group and the key of each row where they are wanted. */
export async function countNumbers(
  engine: Engine,
  request: ValuesRequest,
  countersOf: (key: Key) => Counters,
): Promise<void> {
  for (const columns of inParts(request.columns, COLUMNS_AT_A_TIME)) {
    await countPart(engine, request, columns, countersOf);
  }
}

async function countPart(
  engine: Engine,
  { relation, unit, by, signal }: ValuesRequest,
  numeric: readonly CountedColumn[],
  countersOf: (key: Key) => Counters,
): Promise<void> {
  const extra: Sql[] = [
    ...(unit === null ? [] : [engine.dialect.unitGroup(identifier(unit))]),
    ...(by === undefined ? [] : [by]),
  ];
  const query = sql`SELECT ${join([...numeric.map(({ value }) => value), ...extra])} FROM ${relation} AS counted`;
  for await (const chunk of engine.columns(query, signal)) {
    const values = chunk.columns.slice(0, numeric.length) as ArrayLike<number>[];
    const groups = unit === null ? undefined : (chunk.columns[numeric.length] as ArrayLike<number>);
    const parts = by === undefined ? null : rowsByKey(chunk.columns[chunk.columns.length - 1]);
    for (const [key, rows] of parts ?? [[null, null]]) {
      const counters = countersOf(key);
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
