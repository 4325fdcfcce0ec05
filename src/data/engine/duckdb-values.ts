import type { Vector } from '@duckdb/node-bindings';
import { dayOfNumber } from '../../time.js';
import { duckdb, type Result, type ResultColumn, resultColumns, TYPE } from './duckdb-client.js';
import { isPresent, itemsOf, presentIn, textsOf, wholeNumbersOf } from './duckdb-vectors.js';

/** Types whose values become ours; others are asked for as texts. */
export const VALUE_TYPES: ReadonlySet<number> = new Set(Object.values(TYPE));

/** A whole result as records: integers as numbers where they are exact, days as ISO days, times as ISO text. */
export function readRows<T>(result: Result): T[] {
  const columns = resultColumns(result);
  const records: T[] = [];
  for (let i = 0; i < duckdb.result_chunk_count(result); i++) {
    const chunk = duckdb.result_get_chunk(result, i);
    const rows = duckdb.data_chunk_get_size(chunk);
    const values = columns.map((column, at) =>
      valuesOf(duckdb.data_chunk_get_vector(chunk, at), column, rows),
    );
    for (let row = 0; row < rows; row++) {
      records.push(Object.fromEntries(columns.map(({ name }, at) => [name, values[at][row]])) as T);
    }
  }
  return records;
}

function valuesOf(vector: Vector, { type, scale }: ResultColumn, rows: number): unknown[] {
  if (type === TYPE.VARCHAR) {
    return textsOf(vector, rows);
  }
  if (type === TYPE.SQLNULL) {
    return new Array(rows).fill(null);
  }
  const raw = itemsOf(vector, type, rows) ?? wholeNumbersOf(vector, type, rows);
  const present = presentIn(vector, rows);
  return Array.from(raw as ArrayLike<number | bigint>, (value, i) =>
    isPresent(present, i) ? plain(value, type, scale) : null,
  );
}

function plain(value: number | bigint, type: number, scale: number): unknown {
  switch (type) {
    case TYPE.BOOLEAN:
      return value !== 0;
    case TYPE.DATE:
      return dayOfNumber(Number(value));
    case TYPE.TIMESTAMP:
    case TYPE.TIMESTAMP_TZ:
      return new Date(Math.floor(Number(value) / 1000)).toISOString();
  }
  if (scale > 0) {
    return Number(value) / 10 ** scale;
  }
  const number = Number(value);
  return typeof value === 'bigint' && !Number.isSafeInteger(number) ? String(value) : number;
}
