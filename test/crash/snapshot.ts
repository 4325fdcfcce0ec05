import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of a folder by path, with a hash of what they say. */
export type Snapshot = ReadonlyMap<string, string>;

/** Databases hold who did what and when; they are judged by opening them. */
export const DATABASE = /\.db$/;
const BESIDE_DATABASE = /\.db-(wal|shm)$|\.lock$/;
/** What a kill may leave until the next command comes; a journal is how SQLite takes back what was not finished. */
const TEMPORARY = /\.tmp-\d+-[0-9a-f]{12}(\/|$)|duckdb_temp|-journal$/;

export const isTemporary = (path: string): boolean => TEMPORARY.test(path);

/** All files, but what databases keep beside themselves. */
export async function snapshotOf(folder: string): Promise<Snapshot> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(folder.length + 1);
    if (!BESIDE_DATABASE.test(path)) {
      found.set(path, DATABASE.test(path) ? 'a database' : await contentOf(full, folder));
    }
  }
  return found;
}

/** Texts are compared without what differs from run to run: times, ids of runs, and where the folder stands. */
async function contentOf(path: string, folder: string): Promise<string> {
  const bytes = await readFile(path);
  if (!/\.(json|jsonl)$/.test(path)) {
    return createHash('sha256').update(bytes).digest('hex');
  }
  const text = bytes
    .toString()
    .replaceAll(folder, '')
    .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"TIME"')
    .replace(/"(run|parent|id|at_run)": ?"[0-9a-z]{15}"/g, '"$1":"RUN"');
  return createHash('sha256').update(text).digest('hex');
}
