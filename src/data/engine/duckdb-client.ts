import { createRequire } from 'node:module';
import type * as Bindings from '@duckdb/node-bindings';
import type { Connection, Database, PreparedStatement, Result } from '@duckdb/node-bindings';
import type { SqlValue } from './sql.js';

export type { Connection, Database, Result } from '@duckdb/node-bindings';

/**
 * DuckDB's C interface, one function each. The classes that its makers put above it (@duckdb/node-api) are a hundred files, which
 * take half of the time that it takes to open an engine.
 */
export const duckdb: typeof Bindings = createRequire(import.meta.url)('@duckdb/node-bindings');

/** The numbers of types in the C interface. */
export const TYPE = {
  UNKNOWN: 0,
  BOOLEAN: 1,
  TINYINT: 2,
  SMALLINT: 3,
  INTEGER: 4,
  BIGINT: 5,
  UTINYINT: 6,
  USMALLINT: 7,
  UINTEGER: 8,
  UBIGINT: 9,
  FLOAT: 10,
  DOUBLE: 11,
  TIMESTAMP: 12,
  DATE: 13,
  HUGEINT: 16,
  VARCHAR: 17,
  DECIMAL: 19,
  TIMESTAMP_TZ: 31,
  UHUGEINT: 32,
  SQLNULL: 36,
} as const;

/** A statement with the values of its parameters, in their order. */
export interface Statement {
  text: string;
  values: readonly SqlValue[];
}

/** Opens a database in memory. */
export function openDatabase(options: Readonly<Record<string, string>>): Promise<Database> {
  const config = duckdb.create_config();
  for (const [name, value] of Object.entries(options)) {
    duckdb.set_config(config, name, value);
  }
  return duckdb.open(':memory:', config);
}

export interface Execution {
  /** Whether the result is computed while it is fetched. */
  streamed?: boolean;
  /** Types that the result is read in; columns of other types come as texts. */
  readable?: ReadonlySet<number>;
}

export async function execute(
  connection: Connection,
  statement: Statement,
  { streamed = false, readable }: Execution = {},
): Promise<Result> {
  let prepared = await prepare(connection, statement);
  try {
    const asTexts = readable && unreadableAsTexts(prepared, statement, readable);
    if (asTexts) {
      duckdb.destroy_prepare_sync(prepared);
      prepared = await prepare(connection, asTexts);
    }
    return await (streamed ? duckdb.execute_prepared_streaming(prepared) : duckdb.execute_prepared(prepared));
  } finally {
    duckdb.destroy_prepare_sync(prepared);
  }
}

async function prepare(connection: Connection, { text, values }: Statement): Promise<PreparedStatement> {
  const prepared = await duckdb.prepare(connection, text);
  values.forEach((value, i) => {
    bind(prepared, i + 1, value);
  });
  return prepared;
}

function bind(prepared: PreparedStatement, index: number, value: SqlValue): void {
  if (value === null) {
    duckdb.bind_null(prepared, index);
  } else if (typeof value === 'string') {
    duckdb.bind_varchar(prepared, index, value);
  } else if (typeof value === 'boolean') {
    duckdb.bind_boolean(prepared, index, value);
  } else if (typeof value === 'bigint') {
    duckdb.bind_int64(prepared, index, value);
  } else if (typeof value !== 'number') {
    duckdb.bind_value(prepared, index, listOf(value));
  } else if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    duckdb.bind_double(prepared, index, value);
  } else if (Math.abs(value) < 2 ** 31) {
    duckdb.bind_int32(prepared, index, value);
  } else {
    duckdb.bind_int64(prepared, index, BigInt(value));
  }
}

/** Of numbers, or of texts. */
function listOf(items: readonly (number | string)[]): Bindings.Value {
  const numbers = items.every((item) => typeof item === 'number');
  return duckdb.create_list_value(
    duckdb.create_logical_type(numbers ? TYPE.DOUBLE : TYPE.VARCHAR),
    items.map((item) => (numbers ? duckdb.create_double(Number(item)) : duckdb.create_varchar(String(item)))),
  );
}

/** Null when every column can be read, or has a type only when the values of parameters are known. */
function unreadableAsTexts(
  prepared: PreparedStatement,
  statement: Statement,
  readable: ReadonlySet<number>,
): Statement | null {
  const columns = Array.from({ length: duckdb.prepared_statement_column_count(prepared) }, (_, i) => {
    const type: number = duckdb.prepared_statement_column_type(prepared, i);
    return { name: `c${i}`, as: duckdb.prepared_statement_column_name(prepared, i), type };
  });
  if (columns.every(({ type }) => type === TYPE.UNKNOWN || readable.has(type))) {
    return null;
  }
  const selected = columns.map(({ name, as, type }) => {
    const value = readable.has(type) ? name : `CAST(${name} AS VARCHAR)`;
    return `${value} AS "${as.replaceAll('"', '""')}"`;
  });
  const names = columns.map(({ name }) => name);
  return { ...statement, text: `SELECT ${selected} FROM (${statement.text}) AS whole(${names})` };
}

/** A column of a result. */
export interface ResultColumn {
  name: string;
  /** Of a decimal that of the whole number that it is stored as. */
  type: number;
  /** Decimal places of a decimal, 0 of others. */
  scale: number;
}

export function resultColumns(result: Result): ResultColumn[] {
  return Array.from({ length: duckdb.column_count(result) }, (_, i) => {
    const name = duckdb.column_name(result, i);
    const type: number = duckdb.column_type(result, i);
    if (type !== TYPE.DECIMAL) {
      return { name, type, scale: 0 };
    }
    const logical = duckdb.column_logical_type(result, i);
    return { name, type: duckdb.decimal_internal_type(logical), scale: duckdb.decimal_scale(logical) };
  });
}
