import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChurnError, type ErrorCode } from '../../../src/error.js';
import { uncalibrated } from '../../../src/model/calibrate.js';
import { encodingOf } from '../../../src/model/encode.js';
import { writeModel } from '../../../src/model/onnx/write.js';
import { linearTrainer } from '../../../src/model/trainer/linear.js';
import type { Dataset, TrainRequest, TrainResult } from '../../../src/model/trainer/trainer.js';
import { xgboostTrainer } from '../../../src/model/trainer/xgboost.js';
import { scoreMargins } from '../../../src/model/tree/form.js';
import { logLoss, rocAuc, syntheticSet } from '../synthetic.js';

const fit = syntheticSet(6000, 8, 1);
const validation = syntheticSet(3000, 8, 2);
const probe = { rows: validation.rows, values: validation.values };

function request(changes: Partial<TrainRequest> = {}): TrainRequest {
  const parameters = { max_depth: 4, eta: 0.3 };
  return {
    fit,
    validation,
    probe,
    rounds: 200,
    earlyStoppingRounds: 10,
    seed: 7,
    threads: 2,
    parameters,
    ...changes,
  };
}

function bytesOf({ form }: TrainResult): string {
  const encoding = encodingOf(fit.columns.map((name) => ({ name, type: 'number' })));
  return Buffer.from(
    writeModel({ form, calibration: uncalibrated('test'), encoding, metadata: {} }),
  ).toString('base64');
}

function isError(code: ErrorCode, text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChurnError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return true;
  };
}

test('trees learn an interaction that the linear baseline cannot', async () => {
  const [trees, linear] = await Promise.all([
    xgboostTrainer.train(request()),
    linearTrainer.train(request({ parameters: {} })),
  ]);
  const treeAuc = rocAuc(trees.probeMargins, validation.labels);
  const linearAuc = rocAuc(linear.probeMargins, validation.labels);
  assert.ok(treeAuc > 0.77, `${treeAuc}`);
  assert.ok(linearAuc > 0.55 && linearAuc < 0.68, `${linearAuc}`);
});

test('margins of the form, of the probe and of the validation rows are the same to the bit', async () => {
  const result = await xgboostTrainer.train(request());
  assert.deepEqual(result.validationMargins, result.probeMargins);
  assert.deepEqual(scoreMargins(result.form, probe.values, probe.rows), result.probeMargins);
});

test('early stopping keeps the best round and says what it cost to find', async () => {
  const seen: number[] = [];
  const result = await xgboostTrainer.train(request({ onRound: ({ round }) => seen.push(round) }));
  const losses = result.curve.map(({ validationLoss }) => validationLoss!);
  assert.equal(result.rounds, losses.indexOf(Math.min(...losses)) + 1);
  assert.equal(result.curve.length, result.rounds + 10);
  assert.deepEqual(
    seen,
    result.curve.map(({ round }) => round),
  );
  const kept = logLoss(result.validationMargins!, validation.labels);
  assert.ok(Math.abs(kept - losses[result.rounds - 1]) < 1e-6, `${kept}`);
  assert.ok(result.form.kind === 'trees' && result.form.forest.roots.length === result.rounds);
});

test('without validation rows all rounds are run and kept', async () => {
  const result = await xgboostTrainer.train(request({ validation: null, rounds: 5 }));
  assert.equal(result.rounds, 5);
  assert.equal(result.validationMargins, null);
  assert.deepEqual(
    result.curve.map(({ validationLoss }) => validationLoss),
    [null, null, null, null, null],
  );
});

test('the same seed and data give the same file, with one thread and with two, side by side', async () => {
  const parameters = { max_depth: 4, eta: 0.3, subsample: 0.7, colsample_bytree: 0.7 };
  const [one, two, again, other] = await Promise.all([
    xgboostTrainer.train(request({ parameters, threads: 1 })),
    xgboostTrainer.train(request({ parameters, threads: 2 })),
    xgboostTrainer.train(request({ parameters, threads: 2 })),
    xgboostTrainer.train(request({ parameters, seed: 8 })),
  ]);
  assert.equal(bytesOf(two), bytesOf(one));
  assert.equal(bytesOf(again), bytesOf(one));
  assert.notEqual(bytesOf(other), bytesOf(one));
});

test('training does not block the main thread and stops when it is cancelled', async () => {
  const controller = new AbortController();
  let rounds = 0;
  const training = xgboostTrainer.train(
    request({
      rounds: 100_000,
      earlyStoppingRounds: 0,
      signal: controller.signal,
      onRound: () => {
        rounds++;
        if (rounds === 3) {
          controller.abort(new Error('changed my mind'));
        }
      },
    }),
  );
  await assert.rejects(training, isError('work.cancelled', /changed my mind/));
  assert.ok(rounds < 1000, `${rounds}`);
});

test('a request that was cancelled before does not start', async () => {
  const signal = AbortSignal.abort(new Error('too late'));
  await assert.rejects(xgboostTrainer.train(request({ signal })), isError('work.cancelled', /too late/));
});

test('an error in the progress callback ends the training with that error', async () => {
  const onRound = () => {
    throw new Error('the screen is gone');
  };
  await assert.rejects(xgboostTrainer.train(request({ onRound })), /the screen is gone/);
});

function withValue(set: Dataset, at: number, value: number): Dataset {
  const values = set.values.slice();
  values[at] = value;
  return { ...set, values };
}

const wrong: [string, Partial<TrainRequest>, ErrorCode, RegExp][] = [
  ['an unknown parameter', { parameters: { max_dept: 4 } }, 'config.invalid', /got "max_dept"/],
  ['a value the library refuses', { parameters: { eta: -1 } }, 'config.invalid', /eta|learning_rate/],
  ['a value that is no number', { parameters: { max_depth: 'deep' } }, 'config.invalid', /max_depth/],
  ['no rounds', { rounds: 0 }, 'config.invalid', /rounds/],
  [
    'an infinity',
    { fit: withValue(fit, 19, Infinity) },
    'data.invalid',
    /Infinity in column "f3", row 2 of fit/,
  ],
  [
    'an infinity to validate',
    { validation: withValue(validation, 0, -Infinity) },
    'data.invalid',
    /column "f0", row 0 of validation/,
  ],
  [
    'a probe of another width',
    { probe: { rows: 2, values: new Float32Array(14) } },
    'data.invalid',
    /2 x 8 values/,
  ],
  ['a validation set of another width', { validation: syntheticSet(10, 7, 1) }, 'data.invalid', /8 columns/],
  ['a label of 2', { fit: { ...fit, labels: fit.labels.map(() => 2) } }, 'data.invalid', /labels of 0 or 1/],
  ['one class', { fit: { ...fit, labels: fit.labels.map(() => 1) } }, 'data.invalid', /both classes/],
  ['too few labels', { fit: { ...fit, labels: fit.labels.slice(1) } }, 'data.invalid', /6000 labels/],
  [
    'no validation rows',
    { validation: syntheticSet(0, 8, 1) },
    'data.invalid',
    /rows to validation|validation/,
  ],
];

for (const [what, changes, code, text] of wrong) {
  test(`${what} is refused`, async () => {
    await assert.rejects(xgboostTrainer.train(request(changes)), isError(code, text));
  });
}

test('no probe rows give no margins', async () => {
  const nothing = { rows: 0, values: new Float32Array(0) };
  const { probeMargins } = await xgboostTrainer.train(request({ probe: nothing, rounds: 2 }));
  assert.equal(probeMargins.length, 0);
});
