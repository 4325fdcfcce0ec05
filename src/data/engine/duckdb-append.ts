import type { Vector } from '@duckdb/node-bindings';
import { type Connection, duckdb, TYPE } from './duckdb-client.js';
import { duckdbDialect } from './duckdb-dialect.js';
import type { Column, ColumnChunk, ColumnSpec } from './engine.js';
import { identifier, raw, type Sql, sql } from './sql.js';

/** The vectors that a column is appended through, by its type. */
const STORED_AS = {
  DOUBLE: { name: 'DOUBLE', Items: Float64Array },
  FLOAT: { name: 'FLOAT', Items: Float32Array },
  INTEGER: { name: 'INTEGER', Items: Int32Array },
  BIGINT: { name: 'DOUBLE', Items: Float64Array },
  DATE: { name: 'DOUBLE', Items: Float64Array },
  TIMESTAMP: { name: 'DOUBLE', Items: Float64Array },
  VARCHAR: { name: 'VARCHAR', Items: null },
} as const;

/** How a column is declared in the table that chunks are appended to. */
export function storedColumn(column: ColumnSpec): Sql {
  return sql`${identifier(column.name)} ${raw(STORED_AS[column.type].name)}`;
}

/** The column in its own type, read from the table that chunks were appended to. */
export function typedColumn(column: ColumnSpec): Sql {
  const stored = identifier(column.name);
  const present = duckdbDialect.nanToNull(stored);
  switch (column.type) {
    case 'VARCHAR':
    case 'INTEGER':
      return stored;
    case 'DATE':
      return sql`(DATE '1970-01-01' + CAST(${present} AS INTEGER))`;
    case 'TIMESTAMP':
      return duckdbDialect.timestampOfMicroseconds(present);
    default:
      return sql`CAST(${present} AS ${raw(column.type)})`;
  }
}

const VECTOR_SIZE = 2048;

/** Appends chunks of any length to a table of storedColumn's. */
export async function appendChunks(
  connection: Connection,
  table: string,
  columns: readonly ColumnSpec[],
  chunks: Iterable<ColumnChunk> | AsyncIterable<ColumnChunk>,
): Promise<void> {
  const appender = duckdb.appender_create(connection, null, table);
  const types = columns.map(({ type }) => duckdb.create_logical_type(TYPE[STORED_AS[type].name]));
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.rows; start += VECTOR_SIZE) {
        const rows = Math.min(VECTOR_SIZE, chunk.rows - start);
        const target = duckdb.create_data_chunk(types);
        duckdb.data_chunk_set_size(target, rows);
        for (const [i, column] of chunk.columns.entries()) {
          const vector = duckdb.data_chunk_get_vector(target, i);
          if (Array.isArray(column)) {
            writeTexts(vector, column.slice(start, start + rows));
          } else {
            writeNumbers(vector, columns[i], column.subarray(start, start + rows));
          }
        }
        duckdb.append_data_chunk(appender, target);
      }
      // Gives signals and timers a turn: appending is synchronous.
      await new Promise((resolve) => setImmediate(resolve));
    }
    duckdb.appender_flush_sync(appender);
  } finally {
    duckdb.appender_close_sync(appender);
  }
}

function writeNumbers(vector: Vector, { type }: ColumnSpec, column: Exclude<Column, unknown[]>): void {
  const { Items } = STORED_AS[type];
  const items = Items === null || column instanceof Items ? column : Items.from(column);
  duckdb.copy_data_to_vector(vector, 0, items.buffer as ArrayBuffer, items.byteOffset, items.byteLength);
}

function writeTexts(vector: Vector, texts: readonly (string | null)[]): void {
  const present = new Uint32Array(2 * Math.ceil(texts.length / 64)).fill(0xffffffff);
  texts.forEach((text, i) => {
    if (text === null) {
      present[i >>> 5] &= ~(1 << (i & 31));
    } else {
      duckdb.vector_assign_string_element(vector, i, text);
    }
  });
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, present.buffer, 0, present.byteLength);
}
