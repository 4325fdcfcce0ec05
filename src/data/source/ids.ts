import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';

/** Our columns that hold ids. */
export const IDS = ['user_id', 'event_id'] as const;

/**
 * A query with the ids that were read as text as whole numbers where that loses nothing: where every id of a column is a whole
 * number within 64 bits as one writes it. 001 and 1 are different ids, so that a column with 001 stays text.
 */
export async function withWholeIds(engine: Engine, query: Sql, ids: readonly string[]): Promise<Sql> {
  const columns = await engine.describe(query);
  const texts = columns.filter(({ name, type }) => ids.includes(name) && type === 'VARCHAR');
  if (texts.length === 0) {
    return query;
  }
  const odd = texts.map(({ name }, i) => {
    const id = identifier(name);
    return sql`count(*) FILTER (WHERE ${id} IS NOT NULL AND (TRY_CAST(${id} AS BIGINT) IS NULL OR CAST(TRY_CAST(${id} AS BIGINT) AS STRING) <> ${id})) AS ${raw(`odd${i}`)}`;
  });
  const [counts] = await engine.rows<Record<string, number>>(
    sql`SELECT ${join(odd)} FROM (${query}) AS files`,
  );
  const whole = texts.filter((_, i) => counts[`odd${i}`] === 0).map(({ name }) => name);
  const read = columns.map(({ name }) => {
    const column = identifier(name);
    return whole.includes(name) ? sql`CAST(${column} AS BIGINT) AS ${column}` : column;
  });
  return sql`SELECT ${join(read)} FROM (${query}) AS files`;
}
