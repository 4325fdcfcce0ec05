import { open, stat } from 'node:fs/promises';
import { source } from '../../config/sources.js';
import { ChurnError } from '../../error.js';
import type { Engine } from '../engine/engine.js';
import { formatOfPath } from '../layout.js';
import { openMapped, type SourceRelation } from '../sources.js';
import { countColumns } from './count-file.js';
import type { FileFacts } from './facts.js';

/** Bytes in which a file that claims to be text must hold no zero. */
const LOOKED_AT = 65_536;

/** Settings of a source that a file needs to be read. */
type Reading = FileFacts['reading'];

/**
 * Counts one file, or one glob of them, read as the pipeline will read it.
 * @param files as the configuration is to name it
 * @throws input.missing, input.unreadable for the file; data.empty for one without rows; data.invalid for one column
 */
export async function countFile(engine: Engine, path: string, files: string): Promise<FileFacts> {
  const format = formatOfPath(path);
  if (!/[*?[]/.test(path)) {
    await refuseOddFile(path, format === 'parquet' || /\.(gz|zst)$/i.test(path));
  }
  if (format === null) {
    throw new ChurnError('input.unreadable', {
      expected: 'a file ending in .parquet, .csv, .tsv, .txt, .jsonl or .json (text also with .gz or .zst)',
      came: path,
      fix: 'convert or rename it',
    });
  }
  const reading = format === 'csv' ? await readingOf(engine, path) : {};
  const { relation, columns: described } = await openAs(engine, path, reading);
  if (described.length < 2) {
    throw new ChurnError('data.invalid', {
      expected: `at least two columns in ${path}`,
      came: `one, "${described[0].name}"`,
      fix: 'an event log needs a user and a time',
    });
  }
  const { rows, columns } = await countColumns(engine, relation);
  if (rows === 0) {
    throw new ChurnError('data.empty', { expected: `rows in ${path}`, came: 'none' });
  }
  return { files, reading, relation, rows, columns };
}

function openAs(engine: Engine, path: string, reading: Reading): Promise<SourceRelation> {
  const settings = source('a file', '', path).parse({ files: path, ...reading });
  return openMapped(engine, '', {
    source: settings,
    what: 'rows',
    key: '--from',
    needed: [],
    fix: 'name a file that is there',
  });
}

/** How a text file is written, where it is not as usual. */
async function readingOf(engine: Engine, path: string): Promise<Reading> {
  const { columns } = await openAs(engine, path, {});
  const blanks = columns.length === 1 && /\S\s+\S/.test(columns[0].name);
  const usual: Reading = blanks ? { csv: { delimiter: 'whitespace' } } : {};
  const names = blanks ? (await openAs(engine, path, usual)).columns : columns;
  return names.some(({ name }) => isValue(name))
    ? { csv: { ...usual.csv, header: false, names: names.map((_, i) => `column_${i + 1}`) } }
    : usual;
}

/** Whether the name of a column is a number, a time or an address: the first line is data then. */
function isValue(name: string): boolean {
  return /^[-+]?\d+([.,]\d+)?$|^\d{4}-\d{2}-\d{2}|^\d{1,2}[./]\d{1,2}[./]\d{2,4}|^\S+@\S+$/.test(name.trim());
}

async function refuseOddFile(path: string, binary: boolean): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new ChurnError('input.missing', { expected: 'files to read', came: `nothing at ${path}` });
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
