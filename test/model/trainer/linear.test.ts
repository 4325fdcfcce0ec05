import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probabilityOf } from '../../../src/model/calibrate.js';
import { linearTrainer } from '../../../src/model/trainer/linear.js';
import type { Dataset, TrainRequest } from '../../../src/model/trainer/trainer.js';
import { contributions, scoreMargins } from '../../../src/model/tree/form.js';
import { random } from '../../../src/random.js';

/** Logit = -1 + 2 x (a - 100) / 5 - 1.5 x b, a constant column, an empty one, and one of a million and a bit. */
function linearSet(rows: number, seed: number): Dataset {
  const { normal, uniform } = random(seed);
  const values = new Float32Array(rows * 5);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const [a, b] = [normal(), normal()];
    const missing = uniform() < 0.1;
    values.set([100 + 5 * a, missing ? Number.NaN : b, 3, Number.NaN, 1e6 + normal()], row * 5);
    const logit = -1 + 2 * a - (missing ? 0 : 1.5 * b);
    labels[row] = uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { columns: ['a', 'b', 'constant', 'empty', 'large'], rows, values, labels };
}

const fit = linearSet(20_000, 1);
const validation = linearSet(5000, 2);
const base: TrainRequest = {
  fit,
  validation,
  probe: { rows: validation.rows, values: validation.values },
  rounds: 300,
  earlyStoppingRounds: 20,
  seed: 1,
  threads: 2,
  parameters: { lambda: 0 },
};

test('weights are found in the units of the data; constant and empty columns have none', async () => {
  const { form } = await linearTrainer.train(base);
  assert.ok(form.kind === 'linear');
  const { bias, weights, centres } = form.linear;
  assert.ok(Math.abs(weights[0] - 0.4) < 0.02, `${weights[0]}`);
  assert.ok(Math.abs(weights[1] + 1.5) < 0.08, `${weights[1]}`);
  assert.deepEqual([weights[2], weights[3]], [0, 0]);
  assert.ok(Math.abs(weights[4]) < 0.1, `${weights[4]}`);
  assert.ok(Math.abs(centres[0] - 100) < 0.2 && Math.abs(bias + 1) < 0.1, `${centres[0]}, ${bias}`);
});

test("the form repeats the library's probabilities, with missing values and large ones", async () => {
  const { form, probeMargins } = await linearTrainer.train(base);
  const margins = scoreMargins(form, base.probe.values, base.probe.rows);
  const plain = { slope: 1, intercept: 0 };
  margins.forEach((margin, row) => {
    const difference = Math.abs(probabilityOf(margin, plain) - probabilityOf(probeMargins[row], plain));
    assert.ok(difference < 1e-6, `row ${row}: ${difference}`);
  });
});

test('contributions and the bias add up to the margin; a missing value contributes nothing', async () => {
  const { form } = await linearTrainer.train(base);
  const margins = scoreMargins(form, base.probe.values, base.probe.rows);
  const missing = base.probe.values.findIndex((value, at) => at % 5 === 1 && Number.isNaN(value));
  assert.equal(contributions(form, base.probe.values, (missing - 1) / 5).byColumn[1], 0);
  for (let row = 0; row < 50; row++) {
    const { expected, byColumn } = contributions(form, base.probe.values, row);
    const sum = byColumn.reduce((total, part) => total + part, expected);
    assert.ok(Math.abs(sum - margins[row]) < 1e-5, `${sum} and ${margins[row]}`);
  }
});

test('the weights kept are those of the best round, whatever the threads', async () => {
  const [one, two] = await Promise.all([1, 2].map((threads) => linearTrainer.train({ ...base, threads })));
  assert.deepEqual(one.form, two.form);
  assert.deepEqual(one.probeMargins, two.probeMargins);
  const losses = one.curve.map(({ validationLoss }) => validationLoss!);
  assert.equal(one.rounds, losses.indexOf(Math.min(...losses)) + 1);
});

test("a tree's parameter is refused; an infinity is named", async () => {
  await assert.rejects(linearTrainer.train({ ...base, parameters: { max_depth: 3 } }), /got "max_depth"/);
  const values = fit.values.slice();
  values[2] = Number.POSITIVE_INFINITY;
  await assert.rejects(linearTrainer.train({ ...base, fit: { ...fit, values } }), /column "constant", row 0/);
});
