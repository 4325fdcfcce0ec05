import { appendFileSync } from 'node:fs';
import { ChurnError } from '../../src/error.js';
import { openSqliteHistory } from '../../src/history/sqlite/open.js';

// Run as a process of its own: `worker.js PATH NAME OPERATIONS LOG`. Mixes all writes, and after each that was
// acknowledged appends a line to LOG, so that the test can tell what must be found afterwards.
const [path, name, operations, log] = process.argv.slice(2);
const history = await openSqliteHistory({ path, clock: () => new Date() });
const note = (line: string) => appendFileSync(log, `${line}\n`);

async function moveChampion(run: string, to: string): Promise<void> {
  const from = await history.alias('champion');
  try {
    await history.moveAlias({ run, alias: 'champion', from, to, because: `${name} wants ${to}` });
    note(`move ${to}`);
  } catch (error) {
    if (!(error instanceof ChurnError && error.code === 'history.conflict')) {
      throw error;
    }
    note('conflict');
  }
}

for (let number = 0; number < Number(operations); number += 4) {
  const run = await history.startRun({ command: name });
  note(`run ${run}`);
  const body = { name, number };
  const report = await history.addReport({
    run,
    kind: 'drift',
    at: '2025-01-01',
    version: name,
    status: 'OK',
    body,
  });
  note(`report ${report}`);
  await moveChampion(run, `${name}-${number}`);
  await history.finishRun(run, { status: 'ok', exit_code: 0, result: body });
  note(`finished ${run}`);
}
await history.close();
