import type { Engine } from '../engine/engine.js';
import { identifier, join, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';

/** Whole numbers over at most so many different ones are counted as values, which takes half the time of handing them over. */
const NARROW = 4_096;

/** The columns of whole numbers that all lie near each other. Engines know the ends from what files say of themselves. */
export async function narrowColumns(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  signal?: AbortSignal,
): Promise<CountedColumn[]> {
  const whole = columns.filter(({ type, whole }) => type === 'number' && whole);
  if (whole.length === 0) {
    return [];
  }
  const ends = whole.flatMap(({ name }, i) => [
    sql`CAST(min(${identifier(name)}) AS DOUBLE) AS ${identifier(`low${i}`)}`,
    sql`CAST(max(${identifier(name)}) AS DOUBLE) AS ${identifier(`high${i}`)}`,
  ]);
  const [found] = await engine.rows<Record<string, number | null>>(
    sql`SELECT ${join(ends)} FROM ${relation} AS counted`,
    signal,
  );
  return whole.filter((_, i) => {
    const [low, high] = [found[`low${i}`], found[`high${i}`]];
    return low !== null && high !== null && high - low < NARROW;
  });
}
