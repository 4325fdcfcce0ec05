import type { DuckDBType, DuckDBValue, DuckDBTypeId as TypeId } from '@duckdb/node-api';
import { dayOfNumber } from '../../time.js';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBTypeId,
  INTEGER,
  LIST,
  listValue,
  SQLNULL,
  VARCHAR,
} from './duckdb-client.js';
import type { SqlValue } from './sql.js';

/** A parameter as DuckDB takes it, with its type. */
export function bind(value: SqlValue): { value: DuckDBValue; type: DuckDBType } {
  if (Array.isArray(value)) {
    const items = value as readonly (number | string)[];
    return {
      value: listValue([...items]),
      type: LIST(items.every((item) => typeof item === 'number') ? DOUBLE : VARCHAR),
    };
  }
  return { value: value as DuckDBValue, type: typeOf(value as Exclude<SqlValue, readonly unknown[]>) };
}

function typeOf(value: string | number | bigint | boolean | null): DuckDBType {
  switch (typeof value) {
    case 'string':
      return VARCHAR;
    case 'boolean':
      return BOOLEAN;
    case 'bigint':
      return BIGINT;
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? Math.abs(value) < 2 ** 31
          ? INTEGER
          : BIGINT
        : DOUBLE;
    default:
      return SQLNULL;
  }
}

/** A value of a small result: integers as numbers where they are exact, days as ISO days, times as ISO text. */
export function plain(value: unknown, type?: TypeId): unknown {
  if (typeof value === 'bigint') {
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : String(value);
  }
  if (value instanceof Date) {
    return type === DuckDBTypeId.DATE ? dayOfNumber(value.getTime() / 86_400_000) : value.toISOString();
  }
  return Array.isArray(value) ? value.map((item) => plain(item)) : value;
}
