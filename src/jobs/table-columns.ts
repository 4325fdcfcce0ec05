import { type CountedColumn, countedColumns } from '../data/count/columns.js';
import type { BinPlan } from '../data/count/plan-bins.js';
import type { Engine } from '../data/engine/engine.js';
import type { Sql } from '../data/engine/sql.js';
import { ChurnError } from '../error.js';

export interface LeftOut {
  name: string;
  reason: string;
}

export interface ColumnRequest {
  /** Null: all columns that can be watched. */
  features: readonly string[] | null;
  /** Column that names the user of a row, when users have several rows. */
  unit: string | null;
}

const WHOLE = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT|UUID)$/;
const TIMES = /^(DATE|TIME.*)$/;
const IDENTIFIER = /(^|_)id$/i;

/** @throws data.column_missing when the column that names the user of a row is not there. */
export async function requireUnit(
  engine: Engine,
  relation: Sql,
  unit: string | null,
  where: string,
): Promise<void> {
  if (unit !== null) {
    await countedColumns(engine, relation, [unit], where);
  }
}

/** The columns named, or all but those that differ between any two tables whatever happened in between. */
export async function chooseColumns(
  engine: Engine,
  relation: Sql,
  { features, unit }: ColumnRequest,
  where: string,
  timesToo = false,
): Promise<{ wanted: CountedColumn[]; left_out: LeftOut[] }> {
  const columns = await countedColumns(engine, relation, features, where);
  if (features !== null) {
    return { wanted: columns, left_out: [] };
  }
  const left_out = columns.flatMap(({ name, stored }): LeftOut[] => {
    const reason =
      name === unit
        ? 'it names the unit'
        : WHOLE.test(stored) && IDENTIFIER.test(name)
          ? 'an identifier, by its name (--features watches it all the same)'
          : TIMES.test(stored) && !timesToo
            ? 'a time moves by itself (--features watches it all the same)'
            : null;
    return reason === null ? [] : [{ name, reason }];
  });
  return { wanted: columns.filter(({ name }) => !left_out.some((left) => left.name === name)), left_out };
}

export function requireSome<T>(columns: T[], leftOut: readonly LeftOut[]): T[] {
  if (columns.length === 0) {
    throw new ChurnError('data.invalid', {
      expected: 'a column that can be watched',
      came: leftOut.map(({ name, reason }) => `${name}: ${reason}`).join('; ') || 'none',
      fix: 'name columns with --features',
    });
  }
  return columns;
}

/** Who names an identifier is told, instead of its being left out. */
export function refuseNamed({ features }: ColumnRequest, refused: BinPlan['refused']): void {
  if (features !== null && refused.length > 0) {
    throw new ChurnError('data.column_type', {
      expected: 'categories or numbers in --features',
      came: refused.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
      fix: 'leave these columns out',
    });
  }
}
