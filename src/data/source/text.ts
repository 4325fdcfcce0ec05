import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceConfig } from '../../config/schema.js';
import { ChurnError } from '../../error.js';
import { fileState } from '../../files.js';
import type { Engine } from '../engine/engine.js';
import { type Sql, sql } from '../engine/sql.js';
import { convertText } from './convert.js';
import { keepCsv } from './csv.js';
import { withWholeIds } from './ids.js';
import { keepJson } from './json.js';

/** Text files to read. */
export interface TextFiles {
  /** A path or glob. */
  path: string;
  format: 'csv' | 'jsonl';
  csv: SourceConfig['csv'];
  /** The columns that hold ids, by their names in the files. */
  ids: readonly string[];
  /** Where they are configured: "sources.users"; null for files that are only named. */
  key: string | null;
}

/**
 * A query over text files, which are parsed once for as long as the engine lives and the files stay as they are. Ids keep
 * their text: see ids.ts.
 * @throws input.missing, input.unreadable; config.invalid or data.column_missing when `csv` does not fit the files
 */
export async function readTextOnce(engine: Engine, files: TextFiles): Promise<Sql> {
  const { path, format, csv, ids } = files;
  const found = await engine.rows<{ path: string }>(
    sql`SELECT path FROM ${engine.dialect.listFiles(path)} AS files ORDER BY path`,
  );
  if (found.length === 0) {
    throw new ChurnError('input.missing', { expected: `files at ${path}`, came: 'none' });
  }
  const states = await Promise.all(found.map((file) => fileState(file.path)));
  const key = JSON.stringify([format, csv, ids, states]);
  return engine.once(key, async (folder, signal) => {
    const place = join(await folder(), createHash('sha256').update(key).digest('hex').slice(0, 16));
    const target = `${place}.parquet`;
    if (format === 'jsonl') {
      await keepJson(engine, files, target);
    } else if (csv.delimiter === 'whitespace' || !isUtf8(csv.encoding)) {
      const converted = await convertAll(found, place, csv, signal);
      await keepCsv(engine, { ...files, path: converted }, target);
      await rm(place, { recursive: true, force: true });
    } else {
      await keepCsv(engine, files, target);
    }
    return withWholeIds(engine, sql`SELECT * FROM ${engine.dialect.readFiles(target, 'parquet')}`, ids);
  });
}

/** Changes when the file does. */
const isUtf8 = (label: string): boolean => new TextDecoder(label).encoding === 'utf-8';

/** Files that the engine can read, in place of those that it cannot; returns their glob. */
async function convertAll(
  files: readonly { path: string }[],
  folder: string,
  { encoding, delimiter }: SourceConfig['csv'],
  signal: AbortSignal | undefined,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [i, { path }] of files.entries()) {
    const to = join(folder, `${String(i).padStart(6, '0')}.csv`);
    await convertText(path, to, { encoding, blanks: delimiter === 'whitespace' }, signal);
  }
  return join(folder, '*.csv');
}
