import type { Column, Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';
import { COLUMNS_AT_A_TIME, inParts } from './parts.js';

/** What rows are told apart by: a day's number, a segment's name, or nothing. */
export type Key = number | string | null;

export interface ValuesRequest {
  relation: Sql;
  columns: readonly CountedColumn[];
  /** Column whose value names the unit (user) of a row; null: rows are independent. */
  unit: string | null;
  by?: Sql;
  signal?: AbortSignal;
}

/** Rows of one value of a column: a number, a text, or null; of one key and unit group (0 without a unit). */
export type AddValue = (
  column: CountedColumn,
  value: number | string | null,
  rows: number,
  key: Key,
  group: number,
) => void;

/** Every column that is grouped takes some megabytes. With units more go into a scan, which hashes the unit of each row. */
const VALUES_AT_A_TIME = 4;

/** Counts the values of columns by grouping sets; `add` hears of each once, in no order. */
export async function countValues(engine: Engine, request: ValuesRequest, add: AddValue): Promise<void> {
  const atATime = request.unit === null ? VALUES_AT_A_TIME : COLUMNS_AT_A_TIME;
  for (const columns of inParts(request.columns, atATime)) {
    await countPart(engine, { ...request, columns }, add);
  }
}

async function countPart(
  engine: Engine,
  { relation, columns, unit, by, signal }: ValuesRequest,
  add: AddValue,
): Promise<void> {
  const names = columns.map((_, i) => identifier(`c${i}`));
  const parts = [
    { name: sql`row_key`, value: by },
    { name: sql`unit_group`, value: unit === null ? undefined : engine.dialect.unitGroup(identifier(unit)) },
  ].filter(({ value }) => value !== undefined) as { name: Sql; value: Sql }[];
  const sets = names.map((name) => sql`(${join([...parts.map((part) => part.name), name])})`);
  const which = sql`CASE ${join(
    names.map((name, i) => sql`WHEN grouping(${name}) = 0 THEN ${raw(String(i))}`),
    ' ',
  )} END`;
  const selected = [...parts.map(({ name, value }) => sql`${value} AS ${name}`)];
  // Whole numbers as they lie in the table: engines group them by their place between the smallest and the largest.
  const keys = columns.map(({ name, value, whole }) => (whole ? identifier(name) : value));
  selected.push(...keys.map((key, i) => sql`${key} AS ${names[i]}`));
  const texts = names.map((name) => sql`CAST(${name} AS STRING)`);
  const query = sql`SELECT ${join([
    which,
    sql`coalesce(${join(texts)}, NULL)`,
    sql`count(*)`,
    ...parts.map(({ name }) => name),
  ])} FROM (SELECT ${join(selected)} FROM ${relation} AS counted) AS valued GROUP BY GROUPING SETS (${join(sets)})`;
  for await (const chunk of engine.columns(query, signal)) {
    const [index, values, rows] = chunk.columns as [Float64Array, (string | null)[], Float64Array];
    const rowKeys = by === undefined ? null : (chunk.columns[3] as Column);
    const groups = unit === null ? null : (chunk.columns[chunk.columns.length - 1] as Float64Array);
    for (let i = 0; i < chunk.rows; i++) {
      const column = columns[index[i]];
      const text = values[i];
      const value = text === null || column.kind === 'categorical' ? text : Number(text);
      add(column, value, rows[i], rowKeys === null ? null : rowKeys[i], groups === null ? 0 : groups[i]);
    }
  }
}

/** Rows of every value of some columns, by their names; numbers in their order, as sums depend on it. */
export type ValueCounts = ReadonlyMap<string, [value: number | string | null, rows: number][]>;

/** The values of columns whose rows are independent. A column of more than `most` values has none in the answer. */
export async function valueCounts(
  engine: Engine,
  request: Omit<ValuesRequest, 'unit' | 'by'>,
  most = Infinity,
): Promise<ValueCounts> {
  const found = new Map(request.columns.map(({ name }) => [name, [] as [number | string | null, number][]]));
  await countValues(engine, { ...request, unit: null }, ({ name }, value, rows) => {
    const values = found.get(name);
    if (values !== undefined && values.push([value, rows]) > most) {
      found.delete(name);
    }
  });
  for (const { name, kind } of request.columns) {
    if (kind === 'numeric') {
      found.get(name)?.sort(([a], [b]) => Number(a) - Number(b));
    }
  }
  return found;
}
