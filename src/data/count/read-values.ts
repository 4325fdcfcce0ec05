import { refuseIdentifier } from '../../monitor/profile/identifier.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';
import { type ValueCounts, type ValuesRequest, valueCounts } from './count-values.js';
import { COLUMNS_AT_A_TIME, inParts } from './parts.js';

export interface Refused {
  name: string;
  reason: string;
}

export interface CountedValues {
  values: ValueCounts;
  refused: Refused[];
}

/** First rows, with so many distinct values (about) in a text column that it may be an identifier. */
const FIRST_ROWS = 20_000;
const MANY_DISTINCT = 2_000;
/** Values of a text column that are read without asking first how many there are. */
const MOST_READ = 20_000;

/**
 * The counted values of texts, and of narrow columns. An identifier is refused by how many values it has, without reading
 * them.
 */
export async function readValues(
  engine: Engine,
  request: Omit<ValuesRequest, 'by'>,
  narrow: readonly CountedColumn[],
): Promise<CountedValues> {
  const { relation, columns: texts } = request;
  const many = await manyValued(engine, relation, texts);
  const columns = [...narrow, ...texts.filter((column) => !many.includes(column))];
  const values = new Map(await valueCounts(engine, { ...request, columns }, MOST_READ));
  const refused: Refused[] = [];
  for (const column of texts.filter(({ name }) => !values.has(name))) {
    const [{ distinct_values, filled }] = await engine.rows<{ distinct_values: number; filled: number }>(
      sql`SELECT count(DISTINCT ${column.value}) AS distinct_values, count(${column.value}) AS filled FROM ${relation} AS counted`,
    );
    const reason = refuseIdentifier(distinct_values, filled);
    if (reason !== null) {
      refused.push({ name: column.name, reason });
      continue;
    }
    for (const [name, counts] of await valueCounts(engine, { ...request, columns: [column] })) {
      values.set(name, counts);
    }
  }
  return { values, refused };
}

async function manyValued(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
): Promise<CountedColumn[]> {
  const many: CountedColumn[] = [];
  for (const part of inParts(columns, COLUMNS_AT_A_TIME)) {
    const names = part.map((_, i) => identifier(`d${i}`));
    const about = names.map((name) => sql`approx_count_distinct(${name}) AS ${name}`);
    const values = part.map(({ value }, i) => sql`${value} AS ${names[i]}`);
    const [distinct] = await engine.rows<Record<string, number>>(
      sql`SELECT ${join(about)} FROM (SELECT ${join(values)} FROM ${relation} AS counted LIMIT ${raw(String(FIRST_ROWS))}) AS first_rows`,
    );
    many.push(...part.filter((_, i) => distinct[`d${i}`] > MANY_DISTINCT));
  }
  return many;
}
