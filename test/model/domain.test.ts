import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainDrift } from '../../src/model/domain.js';
import { encodingOf } from '../../src/model/encode.js';
import type { LabelledMatrix } from '../../src/model/matrix.js';
import { xgboostTrainer } from '../../src/model/trainer/xgboost.js';
import { featureDrift } from '../../src/monitor/drift/feature.js';
import { numericBins } from '../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../src/monitor/profile/count.js';
import { random } from '../../src/random.js';

const OPTIONS = {
  trainer: xgboostTrainer,
  parameters: { max_depth: 4, eta: 0.1, min_child_weight: 20 },
  seed: 1,
  threads: 1,
  draws: 300,
};

/** Users with four rows each, in both windows; `a` and `b` go together in the reference as `correlation` says for the current. */
function world(correlation: number, seed: string): LabelledMatrix {
  const chance = random(seed);
  const rows = 4000;
  const values = new Float32Array(rows * 3);
  const [labels, units] = [new Uint8Array(rows), new Int32Array(rows)];
  for (let row = 0; row < rows; row++) {
    const current = row % 4 >= 2;
    const together = current ? correlation : 0.8;
    const a = chance.normal();
    values.set([a, together * a + Math.sqrt(1 - together ** 2) * chance.normal(), chance.normal()], row * 3);
    labels[row] = current ? 1 : 0;
    units[row] = row >> 2;
  }
  const features = ['a', 'b', 'idle'].map((name) => ({ name, type: 'number' as const }));
  return { encoding: encodingOf(features), rows, values, labels, units, days: new Int32Array(rows) };
}

test('columns that stopped going together are seen, though each by itself did not move', async () => {
  const matrix = world(-0.8, 'apart');
  const found = await domainDrift(matrix, OPTIONS);
  assert.ok(found.roc_auc! > 0.75 && found.interval![0] > 0.7, JSON.stringify(found));
  assert.deepEqual(
    found.features
      .map(({ feature }) => feature)
      .slice(0, 2)
      .sort(),
    ['a', 'b'],
  );
  assert.ok(Math.abs(found.features.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
  assert.deepEqual(found.rows, { reference: 2000, current: 2000 });
  for (const column of [0, 1]) {
    const of = (label: number) =>
      Float64Array.from(
        Array.from(matrix.labels.keys()).filter((row) => matrix.labels[row] === label),
        (row) => matrix.values[row * 3 + column],
      );
    const bins = numericBins(of(0));
    const { status } = featureDrift(profileOfValues('x', bins, of(0)), profileOfValues('x', bins, of(1)), {
      warn: 0.1,
      fail: 0.25,
      seed: 1,
      unitAware: false,
    });
    assert.equal(status, 'OK');
  }
});

test('windows of one world cannot be told apart, and the same seed says the same', async () => {
  const matrix = world(0.8, 'alike');
  const found = await domainDrift(matrix, OPTIONS);
  assert.ok(found.interval![0] < 0.5 && found.interval![1] > 0.47, JSON.stringify(found));
  assert.ok(Math.abs(found.roc_auc! - 0.5) < 0.04);
  assert.deepEqual(await domainDrift(matrix, OPTIONS), found);
});
