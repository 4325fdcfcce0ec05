import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { sql } from '../../../src/data/engine/sql.js';
import { encodingOf } from '../../../src/model/encode.js';
import { random } from '../../../src/random.js';
import { compactPredictionLog } from '../../../src/serve/prediction-log/compact.js';
import { openPredictionLog } from '../../../src/serve/prediction-log/log.js';
import { predictionLogRelation } from '../../../src/serve/prediction-log/relation.js';
import { ALWAYS, engineFor, folderFor, MARCH, prediction } from './samples.js';

const wide = encodingOf([
  ...Array.from({ length: 40 }, (_, i) => ({ name: `f${i}`, type: 'number' as const })),
  { name: 'plan', type: 'category', categories: ['free', 'paid', 'team', 'trial', 'other'] },
]);

function rowsOf(count: number): Float32Array[] {
  const { normal, uniform } = random(1);
  return Array.from({ length: count }, () => {
    const row = Float32Array.from({ length: 45 }, (_, i) =>
      i < 40 ? (uniform() < 0.05 ? Number.NaN : normal()) : 0,
    );
    row[40 + Math.floor(uniform() * 5)] = 1;
    return row;
  });
}

test('appending 45 columns takes less than 3 microseconds, writing out does not hold up others', async (context) => {
  const folder = await folderFor(context);
  const log = openPredictionLog({ folder, ...ALWAYS, maxBuffered: 1e7 });
  const rows = rowsOf(1000);
  const samples = Array.from({ length: 100_000 }, (_, i) =>
    prediction(i, { requestId: `0198f0a2-7c${i}-7aaa-bbbb-cccccccccccc`, row: rows[i % 1000] }),
  );
  const costs: number[] = [];
  for (let round = 0; round < 5; round++) {
    const begun = performance.now();
    for (const sample of samples) {
      log.append(sample, wide);
    }
    costs.push(((performance.now() - begun) * 1000) / samples.length);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const flushed = performance.now();
    await log.flush();
    delay.disable();
    const took = performance.now() - flushed;
    context.diagnostic(
      `append ${costs[round].toFixed(2)} us; 100,000 rows written in ${took.toFixed(0)} ms (${((took * 1000) / samples.length).toFixed(1)} us a row); event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, longest ${(delay.max / 1e6).toFixed(1)} ms`,
    );
  }
  await log.close();
  assert.equal(log.stats().written, 500_000);
  assert.ok(Math.min(...costs) < 3, `${costs}`);
});

test('a day of small segments is read and compacted in reasonable time', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const log = openPredictionLog({ folder, ...ALWAYS });
  const rows = rowsOf(1000);
  const segments = 3000;
  for (let i = 0; i < segments; i++) {
    for (let j = 0; j < 10; j++) {
      log.append(prediction(10 * i + j, { row: rows[(10 * i + j) % 1000] }), wide);
    }
    await log.flush();
  }
  await log.close();
  const count = async () => {
    const begun = performance.now();
    const relation = await predictionLogRelation(engine, folder, MARCH);
    const [{ n }] = await engine.rows<{ n: number }>(
      sql`SELECT count(f1) + count(plan) AS n FROM ${relation} AS log`,
    );
    return [n, performance.now() - begun];
  };
  const [before, open] = await count();
  const begun = performance.now();
  await compactPredictionLog({ engine, folder, day: '2026-03-01' });
  const compacted = performance.now() - begun;
  const [after, closed] = await count();
  assert.equal(after, before);
  context.diagnostic(
    `${segments} segments of 10 rows: read in ${open.toFixed(0)} ms, compacted in ${compacted.toFixed(0)} ms, then read in ${closed.toFixed(0)} ms`,
  );
});
