import type { Engine } from '../engine/engine.js';
import { identifier, join, sql } from '../engine/sql.js';
import { fits } from './fits.js';
import type { TextFiles } from './text.js';

const TIMES = /^(DATE|TIMESTAMP.*)$/;

/** Writes files of JSON lines to a Parquet file. Ids are text, and times are where one of them would lose its offset. */
export async function keepJson(engine: Engine, { path, ids }: TextFiles, target: string): Promise<void> {
  const columns = await engine.describe(
    sql`SELECT * FROM ${engine.dialect.readFiles(path, 'jsonl')} AS files`,
  );
  const asText = (name: string, type: string) => ids.includes(name) || TIMES.test(type);
  const types = Object.fromEntries(
    columns.map(({ name, type }) => [name, asText(name, type) ? 'VARCHAR' : type]),
  );
  const texts = sql`${engine.dialect.readFiles(path, 'jsonl', { types })} AS files`;
  const exact = columns.map(({ name, type }) => {
    const column = identifier(name);
    return TIMES.test(type) && !ids.includes(name)
      ? sql`${engine.dialect.exactly(column, type)} AS ${column}`
      : column;
  });
  if (!(await fits(() => engine.write(sql`SELECT ${join(exact)} FROM ${texts}`, target, 'parquet')))) {
    await engine.write(sql`SELECT * FROM ${texts}`, target, 'parquet');
  }
}
