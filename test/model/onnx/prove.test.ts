import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { calibrate, probabilityOf, uncalibrated } from '../../../src/model/calibrate.js';
import { encodingOf } from '../../../src/model/encode.js';
import { proveExport } from '../../../src/model/onnx/prove.js';
import { readModel } from '../../../src/model/onnx/read.js';
import { openSession } from '../../../src/model/onnx/session.js';
import { writeModel } from '../../../src/model/onnx/write.js';
import { linearTrainer } from '../../../src/model/trainer/linear.js';
import type { TrainResult } from '../../../src/model/trainer/trainer.js';
import { xgboostTrainer } from '../../../src/model/trainer/xgboost.js';
import { emptyForest } from '../../../src/model/tree/forest.js';
import { contributions } from '../../../src/model/tree/form.js';
import { syntheticSet } from '../synthetic.js';

const columns = 10;
const fit = syntheticSet(8000, columns, 1);
const validation = syntheticSet(5000, columns, 2);
const probe = { rows: validation.rows, values: validation.values };
const encoding = encodingOf(fit.columns.map((name) => ({ name, type: 'number' })));

const base = { fit, validation, probe, rounds: 60, earlyStoppingRounds: 10, seed: 3, threads: 2 };
let trees: TrainResult;
let linear: TrainResult;

before(async () => {
  trees = await xgboostTrainer.train({ ...base, parameters: { max_depth: 6, eta: 0.2 } });
  linear = await linearTrainer.train({ ...base, parameters: {} });
});

/** Copies of the probe rows in which a value equals a threshold of the forest to the bit. */
function onThresholds(): Float32Array {
  assert.ok(trees.form.kind === 'trees');
  const { column, threshold } = trees.form.forest;
  const inner = Array.from(column.keys()).filter((node) => column[node] >= 0);
  const values = probe.values.slice();
  for (let row = 0; row < probe.rows; row++) {
    const node = inner[row % inner.length];
    values[row * columns + column[node]] = threshold[node];
  }
  return values;
}

test('the exported trees repeat XGBoost on every row, missing values and exact thresholds too', async () => {
  const values = onThresholds();
  const exact = await xgboostTrainer.train({
    ...base,
    probe: { rows: probe.rows, values },
    parameters: { max_depth: 6, eta: 0.2 },
  });
  for (const calibration of [
    uncalibrated('test'),
    calibrate(
      exact.validationMargins!.map((margin) => 2 * margin),
      validation.labels,
    ),
  ]) {
    const bytes = writeModel({ form: exact.form, calibration, encoding, metadata: {} });
    const proof = await proveExport({
      bytes,
      columns,
      probe: { rows: probe.rows, values },
      probeMargins: exact.probeMargins,
      calibration,
    });
    assert.equal(proof.rows, probe.rows);
    assert.ok(proof.max_difference < 3e-7, `${proof.max_difference}`);
    const session = await openSession(bytes, calibration, columns);
    assert.deepEqual((await session.scoreChunk(values, probe.rows)).margins, exact.probeMargins);
    await session.close();
  }
});

test('the exported weights repeat gblinear', async () => {
  const calibration = uncalibrated('test');
  const bytes = writeModel({ form: linear.form, calibration, encoding, metadata: {} });
  const proof = await proveExport({ bytes, columns, probe, probeMargins: linear.probeMargins, calibration });
  assert.ok(proof.max_difference < 1e-6, `${proof.max_difference}`);
});

test('the published file itself explains its scores', async () => {
  const calibration = uncalibrated('test');
  const { form } = readModel(writeModel({ form: trees.form, calibration, encoding, metadata: {} }));
  for (let row = 0; row < 30; row++) {
    const { expected, byColumn } = contributions(form, probe.values, row);
    const sum = byColumn.reduce((total, part) => total + part, expected);
    assert.ok(Math.abs(sum - trees.probeMargins[row]) < 1e-5);
  }
});

test('a file that gives other probabilities, or nothing to compare, is not proven', async () => {
  const calibration = uncalibrated('test');
  assert.ok(trees.form.kind === 'trees');
  const leaf = trees.form.forest.leaf.map((value) => value + (value === 0 ? 0 : 1e-4));
  const form = { kind: 'trees', forest: { ...trees.form.forest, leaf } } as const;
  const bytes = writeModel({ form, calibration, encoding, metadata: {} });
  const proof = { bytes, columns, probe, probeMargins: trees.probeMargins, calibration };
  await assert.rejects(proveExport(proof), { code: 'model.unproven' });
  const none = { rows: 0, values: new Float32Array(0) };
  await assert.rejects(proveExport({ ...proof, probe: none, probeMargins: new Float32Array(0) }), {
    code: 'model.unproven',
  });
});

test('very small probabilities are kept where the graph gives nothing', async () => {
  const calibration = uncalibrated('test');
  const forest = emptyForest(1, -20, 1, 1);
  const one = encodingOf([{ name: 'a', type: 'number' }]);
  const bytes = writeModel({ form: { kind: 'trees', forest }, calibration, encoding: one, metadata: {} });
  const session = await openSession(bytes, calibration, 1);
  const { probabilities } = await session.scoreChunk(new Float32Array(1), 1);
  await session.close();
  assert.equal(probabilities[0], Math.fround(probabilityOf(-20, calibration)));
});

test('no rows give no scores; rows of another width and bytes that are no model are refused', async () => {
  const calibration = uncalibrated('test');
  const bytes = writeModel({ form: trees.form, calibration, encoding, metadata: {} });
  const session = await openSession(bytes, calibration, columns);
  assert.equal((await session.scoreChunk(new Float32Array(0), 0)).margins.length, 0);
  await assert.rejects(session.scoreChunk(new Float32Array(columns), 2), { code: 'model.mismatch' });
  await session.close();
  await assert.rejects(openSession(Buffer.from('no model'), calibration, 1), { code: 'input.unreadable' });
});
