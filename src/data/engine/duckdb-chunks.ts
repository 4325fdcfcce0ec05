import type {
  DuckDBDataChunk as Chunk,
  DuckDBConnection,
  DuckDBDecimalValue,
  DuckDBTypeId as TypeId,
} from '@duckdb/node-api';
import { DOUBLE, DuckDBDataChunk, DuckDBTypeId, FLOAT, INTEGER, VARCHAR } from './duckdb-client.js';
import { duckdbDialect } from './duckdb-dialect.js';
import type { Column, ColumnChunk, ColumnSpec } from './engine.js';
import { identifier, raw, type Sql, sql } from './sql.js';

/** The vectors that a column is appended through, by its type. */
const STORED_AS = {
  DOUBLE: { name: 'DOUBLE', type: DOUBLE },
  FLOAT: { name: 'FLOAT', type: FLOAT },
  INTEGER: { name: 'INTEGER', type: INTEGER },
  BIGINT: { name: 'DOUBLE', type: DOUBLE },
  DATE: { name: 'DOUBLE', type: DOUBLE },
  TIMESTAMP: { name: 'DOUBLE', type: DOUBLE },
  VARCHAR: { name: 'VARCHAR', type: VARCHAR },
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
  connection: DuckDBConnection,
  table: string,
  columns: readonly ColumnSpec[],
  chunks: Iterable<ColumnChunk> | AsyncIterable<ColumnChunk>,
): Promise<void> {
  const appender = await connection.createAppender(table);
  const types = columns.map((column) => STORED_AS[column.type].type);
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.rows; start += VECTOR_SIZE) {
        const rows = Math.min(VECTOR_SIZE, chunk.rows - start);
        const target = DuckDBDataChunk.create(types, rows);
        for (const [i, column] of chunk.columns.entries()) {
          writeVector(target, i, column, start, rows);
        }
        appender.appendDataChunk(target);
      }
      // Gives signals and timers a turn: appending is synchronous.
      await new Promise((resolve) => setImmediate(resolve));
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

type NumericItems = Float64Array | Float32Array | Int32Array;

function writeVector(chunk: Chunk, index: number, column: Column, start: number, rows: number): void {
  if (Array.isArray(column)) {
    chunk.setColumnValues(index, column.slice(start, start + rows));
    return;
  }
  const vector = chunk.getColumnVector(index) as unknown as { items: NumericItems; flush(): void };
  vector.items.set(column.subarray(start, start + rows));
  vector.flush();
}

/** A chunk of a result with columns of these types as our columns. `lent`: floats are the chunk's own memory. */
export function readChunk(chunk: Chunk, types: readonly TypeId[], lent: boolean): ColumnChunk {
  const columns = types.map((type, i) => readColumn(chunk, i, type, lent));
  return { rows: chunk.rowCount, columns };
}

interface NumericVector {
  items: ArrayLike<number | bigint>;
  validity: { data: BigUint64Array | null };
}

/** Floats are handed over as they lie in memory (copied once, unless lent); everything else is converted. */
function readColumn(chunk: Chunk, index: number, type: TypeId, lent: boolean): Column {
  const vector = chunk.getColumnVector(index) as unknown as NumericVector;
  switch (type) {
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.FLOAT: {
      const items = vector.items as Float64Array | Float32Array;
      return withNulls(lent ? items : items.slice(), vector);
    }
    case DuckDBTypeId.BIGINT:
      return withNulls(doublesOf(vector.items as BigInt64Array), vector);
    case DuckDBTypeId.UBIGINT:
      return withNulls(Float64Array.from(vector.items, Number), vector);
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.DATE:
      return withNulls(new Float64Array(vector.items as ArrayLike<number>), vector);
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return Float64Array.from(chunk.getColumnValues(index), (value) =>
        value === null ? Number.NaN : Number(value),
      );
    case DuckDBTypeId.DECIMAL:
      return Float64Array.from(chunk.getColumnValues(index), (value) =>
        value === null ? Number.NaN : (value as DuckDBDecimalValue).toDouble(),
      );
    default:
      return chunk.getColumnValues(index).map((value) => (value === null ? null : String(value)));
  }
}

/** As Number() of each, from their halves: no BigInt is made. */
function doublesOf({ buffer, byteOffset, length }: BigInt64Array): Float64Array {
  const low = new Uint32Array(buffer, byteOffset, 2 * length);
  const high = new Int32Array(buffer, byteOffset, 2 * length);
  const doubles = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    doubles[i] = high[2 * i + 1] * 2 ** 32 + low[2 * i];
  }
  return doubles;
}

function withNulls<T extends Float64Array | Float32Array>(items: T, { validity }: NumericVector): T {
  if (validity.data !== null) {
    // One bit a row, 1 for a value; whole words without a null are passed over.
    const { buffer, byteOffset, byteLength } = validity.data;
    const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
    for (let start = 0; start < items.length; start += 32) {
      let missing = ~words[start >>> 5] >>> 0;
      for (let i = start; missing !== 0 && i < items.length; i++, missing >>>= 1) {
        if ((missing & 1) === 1) {
          items[i] = Number.NaN;
        }
      }
    }
  }
  return items;
}
