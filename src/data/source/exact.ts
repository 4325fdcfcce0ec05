import { ChurnError } from '../../error.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, type Sql, sql } from '../engine/sql.js';

export interface TypedColumn {
  name: string;
  type: string;
}

/**
 * Columns of a relation in the given types, an error where anything of a text would be lost; of ids, where they are not written
 * as whole numbers are. What is no text, as the names of folders, stays as it is.
 */
export async function exactColumns(
  engine: Engine,
  relation: Sql,
  columns: readonly TypedColumn[],
  ids: readonly string[] = [],
): Promise<Sql> {
  const there = await engine.describe(sql`SELECT * FROM ${relation}`);
  const texts = new Set(there.filter(({ type }) => type === 'VARCHAR').map(({ name }) => name));
  return join(
    columns.map(({ name, type }) => {
      const column = identifier(name);
      return texts.has(name) && type !== 'VARCHAR'
        ? sql`${engine.dialect.exactly(column, type, ids.includes(name))} AS ${column}`
        : column;
    }),
  );
}

/** False when values did not fit the types that `work` read them with. */
export async function fits(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof ChurnError && error.code === 'data.column_type') {
      return false;
    }
    throw error;
  }
}
