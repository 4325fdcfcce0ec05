import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { compactPredictionLog } from '../../../src/serve/prediction-log/compact.js';
import { engineFor, folderFor, ids } from './samples.js';

const FLUSH = 400;

/** Starts a writer, kills it without warning, and says how many predictions it had appended when. */
async function killedWriter(folder: string, after: number): Promise<[number, number][]> {
  const path = new URL('./writing-child.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [path, folder, String(FLUSH)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  await once(child.stdout, 'data');
  await sleep(after);
  child.kill('SIGKILL');
  await once(child, 'close');
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number) as [number, number]);
}

test('a killed writer loses at most one flush interval and leaves no broken file', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  for (const after of [700, 955]) {
    const place = join(folder, String(after));
    const told = await killedWriter(place, after);
    const [, last] = told[told.length - 1];
    const due = told.findLast(([, at]) => at <= last - FLUSH)?.[0] ?? 0;
    const found = await ids(engine, place);
    assert.ok(found.length >= due, `${found.length} of ${due} that were older than the interval`);
    assert.deepEqual(
      found,
      Array.from(found, (_, i) => `r${i}`),
      'the first ones, without a gap',
    );
    assert.ok(due > 0, 'the test ran long enough');
    await compactPredictionLog({ engine, folder: place, day: '2026-03-01' });
    assert.deepEqual(await ids(engine, place), found);
    assert.equal((await readdir(join(place, '2026-03-01'))).length, 1, 'nothing half-written is left');
  }
});
