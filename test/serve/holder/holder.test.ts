import assert from 'node:assert/strict';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readModel } from '../../../src/model/onnx/read.js';
import { openSession } from '../../../src/model/onnx/session.js';
import { openModelHolder } from '../../../src/serve/holder/holder.js';
import { startScoringThread, ThreadLost } from '../../../src/serve/holder/thread.js';
import type { LiveModel, ReloadResult } from '../../../src/serve/parts.js';
import { syntheticSet } from '../../model/synthetic.js';
import { until } from '../../until.js';
import { COLUMNS, type Place, placeFor, trainedVersion } from './versions.js';

const rows = 3000;
const { values } = syntheticSet(rows, COLUMNS, 9);
const row = (i: number) => values.subarray(i * COLUMNS, (i + 1) * COLUMNS);

async function holderIn(place: Place, context: TestContext, pollMilliseconds = 10) {
  const told: ReloadResult[] = [];
  const log = { info: () => undefined, error: () => undefined };
  const { registry, history } = place;
  const clock = () => new Date('2026-03-01T00:00:00Z');
  const holder = openModelHolder({ registry, history, pollMilliseconds, clock, log });
  context.after(() => holder.close());
  holder.onReload((result) => told.push(result));
  return { holder, told };
}

/** One row has one probability: alone, in a batch, and by onnxruntime on this thread. */
async function assertScores(model: LiveModel, place: Place): Promise<void> {
  const many = await model.scoreMany(values, rows);
  const bytes = await readFile(await place.registry.modelPath(model.manifest));
  const session = await openSession(bytes, readModel(bytes).calibration, COLUMNS);
  const { probabilities } = await session.scoreChunk(values, rows);
  await session.close();
  assert.deepEqual(many, probabilities);
  for (let i = 0; i < 100; i++) {
    const alone = model.scoreOne(row(i));
    assert.ok(Math.abs(alone - many[i]) <= 6e-8, `${alone} ${many[i]}`);
  }
}

for (const trainer of ['xgboost', 'linear'] as const) {
  test(`a ${trainer} champion is loaded, scores and explains`, async (context) => {
    const place = await placeFor(context);
    const manifest = await trainedVersion(place.registry, { trainer });
    await place.promote(manifest.version);
    const { holder, told } = await holderIn(place, context);
    assert.equal(holder.current(), null);
    await holder.start();
    assert.equal(told[0].outcome, 'swapped');
    const model = holder.current()!;
    assert.equal(model.manifest.version, manifest.version);
    await assertScores(model, place);
    const why = model.explain(row(0), 3);
    assert.equal(why.length, 3);
    assert.ok(Math.abs(why[0].contribution) >= Math.abs(why[2].contribution));
  });
}

test('without a champion nothing is loaded, and the first promotion is noticed', async (context) => {
  const place = await placeFor(context);
  const { holder } = await holderIn(place, context);
  await holder.start();
  assert.equal(holder.current(), null);
  assert.deepEqual(holder.lastReload(), {
    at: '2026-03-01T00:00:00.000Z',
    outcome: 'unchanged',
    version: null,
    error: 'no champion has been promoted',
  });
  const { version } = await trainedVersion(place.registry);
  await place.promote(version);
  await until('the first model', () => holder.current()?.manifest.version === version);
});

test('a batch under way at a swap is finished by the model that began it', async (context) => {
  const place = await placeFor(context);
  const [a, b] = [
    await trainedVersion(place.registry, { seed: 1 }),
    await trainedVersion(place.registry, { seed: 2 }),
  ];
  await place.promote(a.version);
  const { holder } = await holderIn(place, context, 3_600_000);
  await holder.start();
  const old = holder.current()!;
  const expected = await old.scoreMany(values, rows);
  const underWay = Array.from({ length: 20 }, () => old.scoreMany(values, rows));
  await place.promote(b.version);
  assert.equal((await holder.reload()).outcome, 'swapped');
  for (const scored of await Promise.all(underWay)) {
    assert.deepEqual(scored, expected);
  }
  assert.notDeepEqual(await holder.current()!.scoreMany(values, rows), expected);
  await sleep(100);
  assert.deepEqual(
    await old.scoreMany(values, rows),
    expected,
    'who still holds the old one gets its answer',
  );
});

test('a damaged version keeps the old one, is told once, and is tried again when asked', async (context) => {
  const place = await placeFor(context);
  const [a, b] = [
    await trainedVersion(place.registry, { seed: 1 }),
    await trainedVersion(place.registry, { seed: 2 }),
  ];
  const path = join(place.registry.folder(b.version), 'model.onnx');
  const bytes = await readFile(path);
  await appendFile(path, 'x');
  await place.promote(a.version);
  const { holder, told } = await holderIn(place, context);
  await holder.start();
  await place.promote(b.version);
  await until('the failure', () => holder.lastReload()?.outcome === 'failed');
  await sleep(100);
  assert.deepEqual(
    told.map(({ outcome, version }) => [outcome, version]),
    [
      ['swapped', a.version],
      ['failed', b.version],
    ],
  );
  assert.match(holder.lastReload()!.error!, /another content/);
  assert.equal(holder.current()?.manifest.version, a.version);
  assert.equal((await holder.reload()).outcome, 'failed');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path, bytes);
  assert.equal((await holder.reload()).outcome, 'swapped');
  assert.equal(holder.current()?.manifest.version, b.version);
});

test('a version whose golden rows come out otherwise is refused', async (context) => {
  const place = await placeFor(context);
  const a = await trainedVersion(place.registry);
  await place.promote(a.version);
  const registry = {
    ...place.registry,
    golden: async () => {
      const golden = await place.registry.golden(a);
      return { ...golden, probabilities: golden.probabilities.map((p) => p + 2e-6) };
    },
  };
  const { holder } = await holderIn({ ...place, registry }, context);
  await holder.start();
  assert.equal(holder.current(), null);
  assert.match(holder.lastReload()!.error!, /golden row 0 .* by walking/);
});

test('a version without its folder is refused; the alias may move back', async (context) => {
  const place = await placeFor(context);
  const [a, b] = [
    await trainedVersion(place.registry, { seed: 1 }),
    await trainedVersion(place.registry, { seed: 2 }),
  ];
  await place.promote(a.version);
  const { holder } = await holderIn(place, context);
  await holder.start();
  await rm(place.registry.folder(b.version), { recursive: true });
  await place.promote(b.version);
  await until('the failure', () => holder.lastReload()?.outcome === 'failed');
  await place.promote(a.version);
  await until('the return', () => holder.lastReload()?.outcome === 'unchanged');
  assert.equal(holder.current()?.manifest.version, a.version);
});

test('a history that cannot be read is told once and recovered from', async (context) => {
  const place = await placeFor(context);
  const a = await trainedVersion(place.registry);
  await place.promote(a.version);
  let broken = false;
  const history = {
    ...place.history,
    alias: async (name: 'champion') => {
      if (broken) {
        throw new Error('the disk is away');
      }
      return place.history.alias(name);
    },
  } as Place['history'];
  const { holder, told } = await holderIn({ ...place, history }, context);
  await holder.start();
  broken = true;
  await until('the failure', () => holder.lastReload()?.outcome === 'failed');
  await sleep(60);
  assert.equal(told.length, 2);
  assert.equal(holder.current()?.manifest.version, a.version);
  broken = false;
  await until('the recovery', () => holder.lastReload()?.outcome === 'unchanged');
});

test('calls of reload at the same time share one look', async (context) => {
  const place = await placeFor(context);
  await place.promote((await trainedVersion(place.registry)).version);
  const { holder, told } = await holderIn(place, context, 3_600_000);
  const results = await Promise.all([holder.reload(), holder.reload(), holder.reload()]);
  assert.equal(told.length, 1);
  assert.ok(results.every((result) => result === results[0]));
  assert.equal((await holder.reload()).outcome, 'unchanged');
});

test('a lost thread is replaced, and its batch is scored by walking', async (context) => {
  const place = await placeFor(context);
  const a = await trainedVersion(place.registry);
  const thread = await startScoringThread(await place.registry.modelPath(a));
  const lost: Error[] = [];
  thread.onLost((error) => lost.push(error));
  // A matrix of another size is what onnxruntime refuses.
  const [first, second] = await Promise.allSettled([
    thread.score(new Float32Array(3), 1),
    thread.score(values.slice(), rows),
  ]);
  assert.ok(first.status === 'rejected' && first.reason instanceof ThreadLost);
  assert.ok(second.status === 'rejected' && second.reason instanceof ThreadLost);
  assert.equal(lost.length, 1);
  assert.equal(thread.alive(), false);
  await assert.rejects(thread.score(values.slice(), rows), ThreadLost);
  await thread.end();

  await place.promote(a.version);
  const { holder, told } = await holderIn(place, context, 50);
  await holder.start();
  const model = holder.current()!;
  const expected = await model.scoreMany(values, rows);
  const [broken, scored] = await Promise.all([
    model.scoreMany(values, rows + 1).catch((error) => error),
    model.scoreMany(values, rows),
  ]);
  assert.deepEqual(scored, expected);
  assert.ok(broken instanceof Float32Array || broken instanceof Error);
  await until('the new thread', () => told.length === 2);
  assert.equal(told[1].outcome, 'swapped');
  assert.deepEqual(await holder.current()!.scoreMany(values, rows), expected);
});

test('after close batches are still answered', async (context) => {
  const place = await placeFor(context);
  await place.promote((await trainedVersion(place.registry)).version);
  const { holder } = await holderIn(place, context);
  await holder.start();
  const model = holder.current()!;
  const expected = await model.scoreMany(values, rows);
  const underWay = model.scoreMany(values, rows);
  await holder.close();
  assert.deepEqual(await underWay, expected);
  assert.deepEqual(await model.scoreMany(values, rows), expected);
});
