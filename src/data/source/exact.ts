import { ChurnError } from '../../error.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, type Sql, sql } from '../engine/sql.js';

export interface TypedColumn {
  name: string;
  type: string;
}

/**
 * The columns that are there in the given types, an error where anything of a text would be lost; of ids, where they are not written
 * as whole numbers are. Whole numbers may come as doubles; what else is no text, as the names of folders, stays as it is.
 */
export function exactColumns(
  { dialect }: Engine,
  there: readonly TypedColumn[],
  columns: readonly TypedColumn[],
  ids: readonly string[] = [],
): Sql {
  const typeThere = new Map(there.map(({ name, type }) => [name, type]));
  return join(
    columns.map(({ name, type }) => {
      const column = identifier(name);
      const stored = typeThere.get(name);
      if (stored === 'VARCHAR' && type !== 'VARCHAR') {
        return sql`${dialect.exactly(column, type, ids.includes(name))} AS ${column}`;
      }
      return stored === 'DOUBLE' && type === 'BIGINT'
        ? sql`${dialect.exactWhole(column)} AS ${column}`
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
