import type { DataChunk, Vector } from '@duckdb/node-bindings';
import { duckdb, type ResultColumn, TYPE } from './duckdb-client.js';
import { doublesOf, itemsOf, presentIn, textsOf, wholeNumbersOf } from './duckdb-vectors.js';
import type { Column, ColumnChunk } from './engine.js';

/** Types whose columns become ours; others are asked for as texts. */
export const COLUMN_TYPES: ReadonlySet<number> = new Set(
  Object.values(TYPE).filter((type) => type !== TYPE.TIMESTAMP && type !== TYPE.TIMESTAMP_TZ),
);

/** A chunk of a result as our columns: floats as they lie in memory, other numbers as doubles. */
export function readChunk(chunk: DataChunk, columns: readonly ResultColumn[]): ColumnChunk {
  const rows = duckdb.data_chunk_get_size(chunk);
  return {
    rows,
    columns: columns.map((column, i) => readColumn(duckdb.data_chunk_get_vector(chunk, i), column, rows)),
  };
}

function readColumn(vector: Vector, { type, scale }: ResultColumn, rows: number): Column {
  if (type === TYPE.VARCHAR) {
    return textsOf(vector, rows);
  }
  if (type === TYPE.SQLNULL) {
    return new Float64Array(rows).fill(Number.NaN);
  }
  const numbers = numbersOf(vector, type, rows);
  if (scale > 0) {
    const unit = 10 ** scale;
    for (let i = 0; i < rows; i++) {
      numbers[i] /= unit;
    }
  }
  return withNulls(numbers, presentIn(vector, rows));
}

function numbersOf(vector: Vector, type: number, rows: number): Float64Array | Float32Array {
  if (type === TYPE.BIGINT) {
    return doublesOf(vector, rows);
  }
  const items = itemsOf(vector, type, rows);
  if (items === null) {
    return Float64Array.from(wholeNumbersOf(vector, type, rows), Number);
  }
  return items instanceof Float64Array || items instanceof Float32Array ? items : new Float64Array(items);
}

function withNulls<T extends Float64Array | Float32Array>(items: T, present: Uint32Array | null): T {
  if (present !== null) {
    // Whole words without a null are passed over.
    for (let start = 0; start < items.length; start += 32) {
      let missing = ~present[start >>> 5] >>> 0;
      for (let i = start; missing !== 0 && i < items.length; i++, missing >>>= 1) {
        if ((missing & 1) === 1) {
          items[i] = Number.NaN;
        }
      }
    }
  }
  return items;
}
