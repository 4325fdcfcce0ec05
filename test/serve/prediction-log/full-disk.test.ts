import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPredictionLog } from '../../../src/serve/prediction-log/log.js';
import { encoding, engineFor, ids, prediction } from './samples.js';

/** A file system of one megabyte; null when it may not be mounted here. */
function smallDisk(context: TestContext): string | null {
  const place = mkdtempSync(join(tmpdir(), 'churn-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    rmSync(place, { recursive: true });
    return null;
  }
  context.after(() => {
    execFileSync('umount', ['-l', place]);
    rmSync(place, { recursive: true });
  });
  return place;
}

test('a full disk: serving goes on, it is visible, and nothing that fits in memory is lost', async (context) => {
  const place = smallDisk(context);
  if (place === null) {
    context.skip('a small file system can only be mounted by root');
    return;
  }
  const engine = await engineFor(context);
  writeFileSync(join(place, 'ballast'), Buffer.alloc(900 * 1024));
  const log = openPredictionLog({
    folder: join(place, 'log'),
    flushMilliseconds: 100,
    flushRows: 1e9,
    maxBuffered: 5000,
  });
  for (let i = 0; i < 6000; i++) {
    log.append(prediction(i), encoding);
  }
  await log.flush();
  assert.match(log.stats().failing ?? '', /the disk is full/);
  assert.deepEqual(
    { ...log.stats(), failing: null },
    { buffered: 5000, written: 0, dropped: 1000, failing: null },
  );
  assert.deepEqual(readdirSync(join(place, 'log/2026-03-01/open')), [], 'no part of a segment stays');
  rmSync(join(place, 'ballast'));
  for (let i = 0; i < 500 && log.stats().failing !== null; i++) {
    await sleep(10);
  }
  assert.deepEqual(log.stats(), { buffered: 0, written: 5000, dropped: 1000, failing: null });
  await log.close();
  assert.equal((await ids(engine, join(place, 'log'))).length, 5000);
});
