import type { Engine } from '../engine/engine.js';
import { sql } from '../engine/sql.js';
import { isTimeType } from './days.js';
import { exactColumns, fits } from './exact.js';
import type { TextFiles } from './text.js';

/** Writes files of JSON lines to a Parquet file. Ids are text, and times are where one of them would lose its offset. */
export async function keepJson(engine: Engine, { path, ids }: TextFiles, target: string): Promise<void> {
  const guessed = await engine.describe(
    sql`SELECT * FROM ${engine.dialect.readFiles(path, 'jsonl')} AS files`,
  );
  const columns = guessed.map(({ name, type }) => ({ name, type: ids.includes(name) ? 'VARCHAR' : type }));
  const read = columns.map(({ name, type }) => [name, isTimeType(type) ? 'VARCHAR' : type]);
  const reading = { columns: Object.fromEntries(read) };
  const texts = sql`${engine.dialect.readFiles(path, 'jsonl', reading)} AS files`;
  const there = await engine.describe(sql`SELECT * FROM ${texts}`);
  const exact = exactColumns(engine, there, columns);
  if (!(await fits(() => engine.keep(sql`SELECT ${exact} FROM ${texts}`, target)))) {
    await engine.keep(sql`SELECT * FROM ${texts}`, target);
  }
}
