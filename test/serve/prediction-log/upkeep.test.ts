import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Engine, LendEngine } from '../../../src/data/engine/engine.js';
import { sqliteLock } from '../../../src/history/sqlite/lock.js';
import { openPredictionLog } from '../../../src/serve/prediction-log/log.js';
import { openUpkeep, type Upkeep, type UpkeepOptions } from '../../../src/serve/prediction-log/upkeep.js';
import { ALWAYS, encoding, engineFor, folderFor, ids, prediction } from './samples.js';

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03'];

/** Two segments on each of three days. */
async function filled(context: TestContext): Promise<{ folder: string; engine: Engine }> {
  const folder = await folderFor(context);
  const log = openPredictionLog({ folder, ...ALWAYS });
  for (const [i, day] of DAYS.entries()) {
    for (const j of [0, 1]) {
      log.append(prediction(2 * i + j, { time: Date.parse(`${day}T12:00:00Z`) }), encoding);
      await log.flush();
    }
  }
  await log.close();
  return { folder, engine: await engineFor(context) };
}

async function upkeepOf(
  context: TestContext,
  facts: { folder: string; engine: Engine },
  changes: Partial<UpkeepOptions> = {},
): Promise<{ upkeep: Upkeep; told: string[] }> {
  const told: string[] = [];
  const upkeep = openUpkeep({
    folder: facts.folder,
    withEngine: (work) => work(facts.engine),
    lock: sqliteLock(join(await folderFor(context), 'jobs.lock'), 5),
    clock: () => new Date('2026-03-03T13:00:00Z'),
    everyMilliseconds: 3_600_000,
    keepDays: null,
    log: { info: (details) => told.push(JSON.stringify(details)), error: (_, text) => told.push(text) },
    ...changes,
  });
  context.after(() => upkeep.close());
  return { upkeep, told };
}

test('every day becomes one file, today too, and a second look finds nothing to do', async (context) => {
  const facts = await filled(context);
  const before = await ids(facts.engine, facts.folder);
  const { upkeep, told } = await upkeepOf(context, facts);
  await Promise.all([upkeep.run(), upkeep.run()]);
  for (const day of DAYS) {
    const names = await readdir(join(facts.folder, day));
    assert.ok(names.length === 1 && names[0].endsWith('.parquet'), names.join(' '));
  }
  assert.deepEqual(await ids(facts.engine, facts.folder), before);
  await upkeep.run();
  assert.deepEqual(upkeep.stats(), { done: 1, failed: 0 });
  assert.deepEqual(told, [JSON.stringify({ compacted: DAYS, removed: [] })]);
});

test('days that are too old are removed', async (context) => {
  const facts = await filled(context);
  const { upkeep } = await upkeepOf(context, facts, { keepDays: 2 });
  await upkeep.run();
  assert.deepEqual((await readdir(facts.folder)).sort(), DAYS.slice(1));
  assert.deepEqual(await ids(facts.engine, facts.folder), ['r2', 'r3', 'r4', 'r5']);
});

test('servers of one project do not get in the way of each other', async (context) => {
  const facts = await filled(context);
  const lock = sqliteLock(join(await folderFor(context), 'jobs.lock'), 5);
  const servers = await Promise.all([1, 2, 3].map(() => upkeepOf(context, facts, { lock })));
  await Promise.all(servers.map(({ upkeep }) => upkeep.run()));
  assert.ok(servers.every(({ upkeep }) => upkeep.stats().failed === 0));
  assert.deepEqual(await ids(facts.engine, facts.folder), ['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
});

test('a failure is told and counted, loses nothing, and the next look mends it', async (context) => {
  const facts = await filled(context);
  let broken = true;
  const withEngine: LendEngine = async (work) => {
    if (broken) {
      throw new Error('no engine');
    }
    return work(facts.engine);
  };
  const { upkeep, told } = await upkeepOf(context, facts, { withEngine });
  await upkeep.run();
  assert.deepEqual(
    [upkeep.stats(), told],
    [{ done: 0, failed: 1 }, ['the prediction log was not compacted']],
  );
  assert.equal((await ids(facts.engine, facts.folder)).length, 6);
  broken = false;
  await upkeep.run();
  assert.deepEqual(upkeep.stats(), { done: 1, failed: 1 });
});

test('it does not hold up the end of a server that waits for a job', async (context) => {
  const facts = await filled(context);
  const lock = sqliteLock(join(await folderFor(context), 'jobs.lock'), 600);
  const held = await lock.acquire({});
  const { upkeep, told } = await upkeepOf(context, facts, { lock });
  const running = upkeep.run();
  const started = performance.now();
  await upkeep.close();
  await running;
  assert.ok(performance.now() - started < 2000);
  assert.deepEqual([upkeep.stats(), told], [{ done: 0, failed: 0 }, []]);
  await held.release();
});
