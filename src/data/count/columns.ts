import { ChurnError } from '../../error.js';
import type { ColumnProfile } from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { identifier, type Sql, sql } from '../engine/sql.js';
import { isTimeType } from '../source/days.js';
import { requireColumns } from '../tables.js';

/**
 * A column as profiles see it: numbers (dates as numbers of days; NaN is as good as null) or categories (booleans as texts).
 */
export interface CountedColumn {
  name: string;
  kind: 'numeric' | 'categorical';
  /** What it held before it became a number or a text. */
  type: ColumnProfile['type'];
  /** Whether it holds whole numbers only. */
  whole: boolean;
  /** The engine's type of it. */
  stored: string;
  value: Sql;
}

const WHOLE = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT|INT|LONG|SHORT|BYTE)$/i;
const NUMBERS = /^(FLOAT|DOUBLE|REAL|DECIMAL.*)$/i;

/**
 * The named columns of a relation (all of them when no names are given) with the expression that is counted.
 * @throws data.column_missing naming every one that is not there.
 */
export async function countedColumns(
  engine: Engine,
  relation: Sql,
  names: readonly string[] | null,
  where: string,
): Promise<CountedColumn[]> {
  const there = await engine.describe(sql`SELECT * FROM ${relation} AS counted`);
  requireColumns(there, names ?? [], where);
  return (names ?? there.map((column) => column.name)).map((name): CountedColumn => {
    const stored = there.find((column) => column.name === name)?.type ?? '';
    const column = identifier(name);
    const whole = WHOLE.test(stored);
    const facts = { name, whole, stored };
    if (whole || NUMBERS.test(stored)) {
      return { ...facts, kind: 'numeric', type: 'number', value: sql`CAST(${column} AS DOUBLE)` };
    }
    if (isTimeType(stored)) {
      const day = engine.dialect.dayNumber(sql`CAST(${column} AS DATE)`);
      return { ...facts, kind: 'numeric', type: 'date', value: sql`CAST(${day} AS DOUBLE)` };
    }
    const type = /^BOOL/i.test(stored) ? 'boolean' : 'text';
    return { ...facts, kind: 'categorical', type, value: sql`CAST(${column} AS STRING)` };
  });
}

/** Makes current columns agree with the kinds of the reference. @throws data.column_type when one does not. */
export function requireKinds(
  columns: readonly CountedColumn[],
  reference: readonly { name: string; bins: { kind: string } }[],
  where: string,
): void {
  for (const column of columns) {
    const wanted = reference.find((profile) => profile.name === column.name)?.bins.kind;
    if (wanted !== undefined && wanted !== column.kind) {
      throw new ChurnError('data.column_type', {
        expected: `"${column.name}" in ${where} to be ${wanted} as in the reference`,
        came: `${column.kind} values`,
      });
    }
  }
}
