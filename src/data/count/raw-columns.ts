import type { Engine } from '../engine/engine.js';
import { join, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';

/** Raw values in the order of the rows: numbers with NaN for null, or texts. */
export interface RawTable {
  rows: number;
  columns: (Float64Array | (string | null)[])[];
}

/** Reads columns whole, for what cannot be told from counts. Takes memory for every row. */
export async function readRawColumns(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  signal?: AbortSignal,
): Promise<RawTable> {
  const [{ rows }] = await engine.rows<{ rows: number }>(
    sql`SELECT count(*) AS rows FROM ${relation} AS counted`,
    signal,
  );
  const kept = columns.map(({ kind }) =>
    kind === 'numeric' ? new Float64Array(rows) : new Array<string | null>(rows).fill(null),
  );
  let row = 0;
  for await (const chunk of engine.columns(
    sql`SELECT ${join(columns.map(({ value }) => value))} FROM ${relation} AS counted`,
    signal,
  )) {
    kept.forEach((column, i) => {
      const part = chunk.columns[i];
      if (column instanceof Float64Array) {
        column.set(part as Float64Array, row);
      } else {
        for (let k = 0; k < chunk.rows; k++) {
          column[row + k] = (part as (string | null)[])[k];
        }
      }
    });
    row += chunk.rows;
  }
  return { rows, columns: kept };
}
