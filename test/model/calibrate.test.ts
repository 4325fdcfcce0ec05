import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrate, probabilitiesOf, probabilityOf } from '../../src/model/calibrate.js';
import { random } from '../../src/random.js';
import { reference } from './reference.js';
import { logLoss } from './synthetic.js';

/** Margins whose true log-odds are slope x margin + intercept. */
function simulated(rows: number, slope: number, intercept: number, seed = 1) {
  const { normal, uniform } = random(seed);
  const margins = Float32Array.from({ length: rows }, () => 2 * normal());
  const labels = Uint8Array.from(margins, (margin) =>
    uniform() < 1 / (1 + Math.exp(-(slope * margin + intercept))) ? 1 : 0,
  );
  return { margins, labels };
}

test("slope and intercept are scikit-learn's", () => {
  const { margins, labels, slope, intercept } = reference.platt;
  const fitted = calibrate(Float32Array.from(margins), labels);
  assert.equal(fitted.method, 'platt', fitted.reason);
  assert.ok(Math.abs(fitted.slope - slope) < 1e-4, `${fitted.slope} and ${slope}`);
  assert.ok(Math.abs(fitted.intercept - intercept) < 1e-4, `${fitted.intercept} and ${intercept}`);
});

test('margins twice too steep are found out, and the log loss falls', () => {
  const { margins, labels } = simulated(5000, 0.5, -1);
  const { method, slope, intercept, reason } = calibrate(margins, labels);
  assert.equal(method, 'platt', reason);
  assert.ok(Math.abs(slope - 0.5) < 0.05 && Math.abs(intercept + 1) < 0.1, `${slope}, ${intercept}`);
  assert.ok(
    logLoss(
      margins.map((margin) => slope * margin + intercept),
      labels,
    ) < logLoss(margins, labels),
  );
});

test('margins that are right are mostly left alone', () => {
  const left = Array.from({ length: 20 }, (_, seed) => simulated(1000, 1, 0, seed)).filter(
    ({ margins, labels }) => calibrate(margins, labels).method === 'none',
  );
  assert.ok(left.length >= 14, `${left.length} of 20`);
});

test('rows of a user stay together: copies do not pass for evidence', () => {
  const used = { byRow: 0, byUser: 0 };
  for (let seed = 0; seed < 10; seed++) {
    const few = simulated(60, 1, 0, seed);
    const margins = Float32Array.from({ length: 3000 }, (_, row) => few.margins[row % 60]);
    const labels = Uint8Array.from(margins, (_, row) => few.labels[row % 60]);
    const users = Array.from(margins, (_, row) => row % 60);
    used.byRow += calibrate(margins, labels).method === 'platt' ? 1 : 0;
    used.byUser += calibrate(margins, labels, users).method === 'platt' ? 1 : 0;
  }
  assert.ok(used.byRow >= 8 && used.byUser <= 4, JSON.stringify(used));
});

test('the order of rows changes nothing when there are users', () => {
  const { margins, labels } = simulated(2000, 0.5, 0);
  const users = Array.from(margins, (_, row) => `u${row % 300}`);
  const there = calibrate(margins, labels, users);
  const back = calibrate(margins.slice().reverse(), labels.slice().reverse(), users.slice().reverse());
  assert.equal(back.slope, there.slope);
  assert.equal(back.intercept, there.intercept);
});

for (const [what, margins, labels, text] of [
  ['one class', [1, 2, 3], [1, 1, 1], /one class/],
  ['no rows', [], [], /one class/],
  ['equal margins', [1, 1, 1, 1], [0, 1, 0, 1], /equal/],
  [
    'separated classes',
    Array.from({ length: 50 }, (_, i) => i - 24.5),
    Array.from({ length: 50 }, (_, i) => Number(i >= 25)),
    /separate/,
  ],
  [
    'the wrong order',
    Array.from({ length: 60 }, (_, i) => i % 6),
    Array.from({ length: 60 }, (_, i) => Number(i % 6 < 1 + (i % 4))),
    /not positive/,
  ],
] as [string, number[], number[], RegExp][]) {
  test(`${what}: not scaled, and the reason is told`, () => {
    const { method, slope, intercept, reason } = calibrate(Float32Array.from(margins), labels);
    assert.deepEqual([method, slope, intercept], ['none', 1, 0]);
    assert.match(reason, text);
  });
}

test('small probabilities keep their size', () => {
  const plain = { slope: 1, intercept: 0 };
  assert.ok(Math.abs(probabilityOf(-40, plain) / Math.exp(-40) - 1) < 1e-12);
  const [tiny] = probabilitiesOf(Float32Array.of(-17.31), { method: 'none', reason: '', ...plain });
  assert.ok(Math.abs(tiny / Math.exp(-17.31) - 1) < 1e-5);
});
