import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maturityCurve } from '../../../src/monitor/performance/maturity.js';
import { performanceReference } from '../../reference/performance.js';

test('the maturity curve equals Kaplan and Meier by statsmodels', () => {
  const { delays, ages, days, known } = performanceReference().maturity;
  const curve = maturityCurve(
    Float64Array.from(delays, (delay) => delay ?? Number.NaN),
    Float64Array.from(ages),
    29,
  );
  assert.equal(curve.length, 30);
  for (const point of curve) {
    assert.ok(Math.abs(point.known - known[days.indexOf(point.day)]) < 1e-12, `day ${point.day}`);
  }
});

test('young predictions count for as long as they were watched', () => {
  const [unknown, old, young] = [Number.NaN, 10, 2];
  const of = (delays: number[], ages: number[], horizon: number) =>
    maturityCurve(Float64Array.from(delays), Float64Array.from(ages), horizon);
  const curve = of([5, 5, unknown, unknown], [old, old, young, young], 10);
  assert.deepEqual(
    [0, 4, 5, 10].map((day) => curve.find((point) => point.day === day)?.known),
    [0, 0, 1, undefined],
    'the two young ones say nothing about day 5; then nobody is waited for',
  );
  assert.equal(of([8], [3], 10).at(-1)?.known, 0, 'an outcome of the future is not known yet');
  assert.deepEqual(of([], [], 30), []);
});

test('a long horizon has at most 31 points, with its first and last day', () => {
  const ages = new Float64Array(1_000).fill(800);
  const delays = ages.map((_, i) => (i * 7) % 730);
  const curve = maturityCurve(delays, ages, 730);
  assert.ok(curve.length <= 31);
  assert.deepEqual([curve[0].day, curve.at(-1)?.day, curve.at(-1)?.known], [0, 729, 1]);
});
