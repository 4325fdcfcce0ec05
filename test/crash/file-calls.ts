// Loaded before the program (node --import) by the harness: counts the calls of node:fs/promises that change files, and kills
// the process without warning just before the call CRASH_AT_CALL (from 1). What SQLite and DuckDB write is not seen here.
import fs, { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

type Calls = Record<string, (...args: unknown[]) => Promise<unknown>>;

const CHANGING = ['open', 'rename', 'rm', 'mkdir', 'mkdtemp', 'unlink', 'copyFile', 'writeFile'];
const OF_HANDLES = ['sync', 'writeFile', 'write', 'close'];

const killAt = Number(process.env.CRASH_AT_CALL ?? 0);
const countFile = process.env.CRASH_COUNT_FILE;
let calls = 0;

function watch(object: Calls, names: readonly string[]): void {
  for (const name of names) {
    const original = object[name];
    object[name] = function (this: unknown, ...args) {
      calls++;
      if (calls === killAt) {
        process.kill(process.pid, 'SIGKILL');
      }
      return original.apply(this, args);
    };
  }
}

if (isMainThread) {
  const handle = await fs.promises.open(new URL(import.meta.url));
  const handles = Object.getPrototypeOf(handle) as Calls;
  await handle.close();
  watch(handles, OF_HANDLES);
  watch(fs.promises as unknown as Calls, CHANGING);
  syncBuiltinESMExports();
  process.on('exit', () => {
    if (countFile !== undefined) {
      writeFileSync(countFile, String(calls));
    }
  });
}
