import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openModelHolder } from '../../../src/serve/holder/holder.js';
import { syntheticSet } from '../../model/synthetic.js';
import { placeFor, trainedVersion } from './versions.js';

const SWAPS = 100;
const COLUMNS = 45;
/** Growth of the process from the 20th to the last swap, in megabytes. */
const MOST_GROWTH = 60;

const megabytes = () => process.memoryUsage().rss / 2 ** 20;

test('a hundred swaps under load: no error, no mixture, bounded memory', async (context) => {
  const place = await placeFor(context);
  const kind = { rounds: 200, columns: COLUMNS, depth: 6 };
  const versions = [
    await trainedVersion(place.registry, { ...kind, seed: 1 }),
    await trainedVersion(place.registry, { ...kind, seed: 2 }),
  ];
  const { registry, history } = place;
  const log = { info: () => undefined, error: () => undefined };
  const clock = () => new Date(0);
  const holder = openModelHolder({ registry, history, pollMilliseconds: 3_600_000, clock, log });
  context.after(() => holder.close());

  const rows = 4000;
  const { values } = syntheticSet(rows, COLUMNS, 5);
  const expected = new Map<string, Float32Array>();
  for (const { version } of versions) {
    await place.promote(version);
    await holder.reload();
    expected.set(version, await holder.current()!.scoreMany(values, rows));
  }

  let running = true;
  let singles = 0;
  let batches = 0;
  const scoreSingles = async () => {
    while (running) {
      for (let i = 0; i < 20; i++) {
        const model = holder.current()!;
        const at = singles++ % rows;
        const p = model.scoreOne(values.subarray(at * COLUMNS, (at + 1) * COLUMNS));
        assert.ok(Math.abs(p - expected.get(model.manifest.version)![at]) < 1e-6);
      }
      await turn();
    }
  };
  const scoreBatches = async () => {
    while (running) {
      const model = holder.current()!;
      const scored = await model.scoreMany(values, rows);
      const own = expected.get(model.manifest.version)!;
      assert.ok(scored.every((probability, row) => probability === own[row]));
      batches++;
    }
  };
  const load = Promise.all([scoreSingles(), scoreBatches(), scoreBatches()]);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let early = 0;
  try {
    for (let swap = 1; swap <= SWAPS; swap++) {
      await place.promote(versions[(swap + 1) % 2].version);
      const result = await Promise.race([holder.reload(), load.then(() => assert.fail('the load ended'))]);
      assert.equal(result.outcome, 'swapped', result.error ?? '');
      early = swap === 20 ? megabytes() : early;
    }
  } finally {
    running = false;
  }
  await load;
  delay.disable();
  const growth = megabytes() - early;
  context.diagnostic(
    `${singles} rows alone, ${batches} batches of ${rows}; memory ${early.toFixed(0)} MB after 20 swaps, ${growth.toFixed(0)} MB more after ${SWAPS}; event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, longest ${(delay.max / 1e6).toFixed(1)} ms`,
  );
  assert.ok(growth < MOST_GROWTH, `memory grew by ${growth} MB`);
});
