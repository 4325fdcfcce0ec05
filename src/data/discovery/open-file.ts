import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ChurnError } from '../../error.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import { formatOfPath } from '../layout.js';
import { countColumns } from './count-file.js';
import type { FileFacts } from './facts.js';
import { quoted, slug } from './words.js';

/** Bytes in which a file that claims to be text must hold no zero. */
const LOOKED_AT = 65_536;

/**
 * Counts one file, or one glob of them.
 * @param files as the configuration is to name it
 * @throws input.missing, input.unreadable for the file; data.empty for one without rows; data.invalid for one column
 */
export async function countFile(engine: Engine, path: string, files: string): Promise<FileFacts> {
  const format = formatOfPath(path);
  const isGlob = /[*?[]/.test(path);
  if (!isGlob) {
    await refuseOddFile(path, format === 'parquet' || /\.(gz|zst)$/i.test(path));
  }
  if (format === null) {
    throw new ChurnError('input.unreadable', {
      expected: 'a file ending in .parquet, .csv, .tsv, .txt, .jsonl or .json (also with .gz or .zst)',
      came: `"${path}"`,
      fix: 'convert or rename it',
    });
  }
  const relation = sql`(SELECT * FROM ${engine.dialect.readFiles(path, format)})`;
  const { rows, columns } = await countColumns(engine, relation);
  if (rows === 0) {
    throw new ChurnError('data.empty', { expected: `rows in ${path}`, came: 'none' });
  }
  if (columns.length > 1) {
    return { files, reading: {}, relation, rows, columns, split: null };
  }
  const table = format === 'csv' ? await splitLines(engine, relation, columns[0].name) : null;
  if (table === null) {
    throw new ChurnError('data.invalid', {
      expected: `at least two columns in ${path}`,
      came: `one, called "${columns[0].name}"`,
      fix: format === 'csv' ? 'is it separated by commas, semicolons, tabs or bars?' : 'name another file',
    });
  }
  return { files, reading: {}, ...table, ...(await countColumns(engine, table.relation)) };
}

async function refuseOddFile(path: string, binary: boolean): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new ChurnError('input.missing', { expected: 'files to read', came: `nothing at ${resolve(path)}` });
  }
  if (found.isDirectory()) {
    throw new ChurnError('usage.invalid', {
      expected: 'files',
      came: `the folder ${path}`,
      fix: `name them, or a glob in quotes: '${path.replace(/\/$/, '')}/*.parquet'`,
    });
  }
  if (found.size === 0) {
    throw new ChurnError('data.empty', { expected: `data in ${path}`, came: 'an empty file' });
  }
  if (!binary && (await firstBytes(path)).includes(0)) {
    throw new ChurnError('input.unreadable', {
      expected: 'a text or Parquet file by its ending',
      came: `${path}, which holds bytes that are no text`,
      fix: 'convert it to CSV in UTF-8, or to Parquet',
    });
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** A file whose only column holds texts that spaces divide into as many parts in every row; null: it does not. */
async function splitLines(
  engine: Engine,
  relation: Sql,
  line: string,
): Promise<{ relation: Sql; split: Record<string, string> } | null> {
  const names = line.trim().split(/\s+/).map(slug);
  const parts = `string_split_regex(trim(${quoted(line)}), '\\s+')`;
  const part = (i: number) => `${parts}[${i + 1}]`;
  const counted = names.map((_, i) => {
    const text = part(i);
    return `count(TRY_CAST(${text} AS DOUBLE)) AS numbers_${i}, count(TRY_CAST(${text} AS BIGINT)) AS whole_${i}, count(CASE WHEN ${text} LIKE '0_%' THEN 1 END) AS zeros_${i}`;
  });
  const [found] = await engine.rows<Record<string, number>>(
    sql`SELECT count(*) AS all_rows, count(CASE WHEN len(${raw(parts)}) = ${raw(String(names.length))} THEN 1 END) AS fitting, ${raw(counted.join(', '))}
      FROM ${relation} AS file`,
  );
  const distinctNames = new Set(names).size === names.length;
  if (names.length < 2 || found.fitting < found.all_rows || !distinctNames) {
    return null;
  }
  const expression = (i: number) => {
    const isNumber = found[`numbers_${i}`] === found.all_rows;
    // A number that begins with 0 and another digit is an id.
    return !isNumber || (found[`whole_${i}`] === found.all_rows && found[`zeros_${i}`] > 0)
      ? part(i)
      : `CAST(${part(i)} AS ${found[`whole_${i}`] === found.all_rows ? 'BIGINT' : 'DOUBLE'})`;
  };
  const split = Object.fromEntries(names.map((name, i) => [name, expression(i)]));
  const columns = names.map((name) => sql`${raw(split[name])} AS ${identifier(name)}`);
  return { relation: sql`(SELECT ${join(columns)} FROM ${relation} AS file)`, split };
}
