import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeFrom } from '../../../src/monitor/performance/change.js';
import { evaluateSample } from '../../../src/monitor/performance/evaluate.js';
import { holm } from '../../../src/monitor/performance/holm.js';
import { overTime, periodOf } from '../../../src/monitor/performance/over-time.js';
import { gapOf, segmentsOf } from '../../../src/monitor/performance/segments.js';
import { rowsOf } from '../../../src/monitor/performance/slice.js';
import { random } from '../../../src/random.js';
import { dayNumber } from '../../../src/time.js';
import { close } from '../../reference/monitor.js';
import { performanceReference } from '../../reference/performance.js';
import { scoredUsers, sigmoid } from './scored-users.js';

const OPTIONS = { seed: 1, draws: 200 };

test('adjusted p-values equal statsmodels; nulls do not count', () => {
  const { p, adjusted } = performanceReference().holm;
  holm(p).forEach((value, i) => {
    close(value!, adjusted[i], 1e-12);
  });
  assert.deepEqual(holm([null, 0.01, null, 0.04]), [null, 0.02, null, 0.04]);
});

test('the calibration gap and its error equal the cluster-robust ones of statsmodels', () => {
  const { labels, scores, units, gap, error } = performanceReference().clustered_gap;
  const found = gapOf({
    labels: Uint8Array.from(labels),
    scores: Float64Array.from(scores),
    units: Int32Array.from(units),
  });
  close(found.value, gap, 1e-10);
  close(Math.sqrt(found.variance), error, 1e-10);
});

test('a change has the interval of a difference: symmetric ones add like independent errors, none without both', () => {
  const record = { value: 0.5, interval: [0.4, 0.6] as [number, number] };
  const now = { value: 0.3, interval: [0.2, 0.4] as [number, number] };
  const { difference, interval } = changeFrom(record, now)!;
  close(difference, -0.2, 1e-12);
  close(interval![1] - interval![0], 2 * Math.hypot(0.1, 0.1), 1e-12);
  assert.equal(changeFrom({ value: 0.5, interval: null }, now)!.interval, null);
  assert.equal(changeFrom({ value: null, interval: null, reason: 'no rows' }, now), null);
});

test('the interval of a change holds zero about as often as it says when nothing changed', () => {
  let held = 0;
  for (let i = 0; i < 100; i++) {
    const [a, b] = ['then', 'now'].map((name) => scoredUsers({ users: 300, days: 1, seed: `${name} ${i}` }));
    const [then, now] = [a, b].map((sample) => evaluateSample(sample, OPTIONS).measures.roc_auc);
    const [low, high] = changeFrom(then, now)!.interval!;
    held += low <= 0 && 0 <= high ? 1 : 0;
  }
  assert.ok(held >= 89, `${held} of 100`);
});

test('periods are days, weeks from Monday, and months', () => {
  const day = dayNumber('2025-09-03');
  assert.equal(periodOf(day, 'day'), '2025-09-03');
  assert.equal(periodOf(day, 'week'), '2025-09-01');
  assert.equal(periodOf(dayNumber('2025-09-01'), 'week'), '2025-09-01');
  assert.equal(periodOf(dayNumber('2025-08-31'), 'week'), '2025-08-25');
  assert.equal(periodOf(dayNumber('1969-12-30'), 'week'), '1969-12-29');
  assert.equal(periodOf(day, 'month'), '2025-09');
});

test('each period is measured as its rows alone would be, and held against the record', () => {
  const sample = scoredUsers({ users: 300, days: 4, seed: 'periods' });
  const first = dayNumber('2025-08-30');
  const numbers = Array.from(sample.labels, (_, row) => first + (row % 4));
  const all = evaluateSample(sample, OPTIONS);
  const record = { measures: all.measures, positive_rate: all.positiveRate };
  const periods = overTime(sample, numbers, { kind: 'month', record }, OPTIONS);
  assert.deepEqual(
    periods.map(({ name, rows }) => [name, rows]),
    [
      ['2025-08', 600],
      ['2025-09', 600],
    ],
  );
  const august = rowsOf(
    sample,
    Array.from(sample.labels.keys()).filter((row) => row % 4 < 2),
  );
  assert.deepEqual(periods[0].measures, evaluateSample(august, OPTIONS).measures);
  close(
    periods[0].change!.pr_auc!.difference,
    periods[0].measures.pr_auc.value! - all.measures.pr_auc.value!,
    1e-12,
  );
  close(periods[0].lift_change!, periods[0].pr_auc_lift! - all.prAucLift!, 1e-12);
  assert.equal(overTime(sample, numbers, { kind: 'month', record: null }, OPTIONS)[0].change, null);
});

/** Plans and countries by user; where `broken` says so the score knows nothing. */
function market(seed: string, broken: (plan: string) => boolean) {
  const chance = random(seed);
  const sample = scoredUsers({ users: 1_200, days: 2, seed });
  const planOf = Array.from({ length: 1_200 }, () => ['free', 'paid', 'trial'][chance.integer(3)]);
  const countryOf = Array.from({ length: 1_200 }, () => ['de', 'fr', 'it', 'es'][chance.integer(4)]);
  const plan = Array.from(sample.units, (unit) => planOf[unit]);
  const country = Array.from(sample.units, (unit) => countryOf[unit]);
  const scores = sample.scores.map((score, row) =>
    broken(plan[row]) ? sigmoid(chance.normal() - 1) : score,
  );
  return { sample: { ...sample, scores }, columns: { plan, country } };
}

test('a segment in which the scores know nothing is found first; the others are not blamed', () => {
  const { sample, columns } = market('broken', (plan) => plan === 'trial');
  const segments = segmentsOf(sample, columns, OPTIONS);
  assert.equal(segments.length, 7);
  const [weakest] = segments;
  assert.deepEqual([weakest.column, weakest.name, weakest.weak], ['plan', 'trial', true]);
  assert.ok(weakest.roc_auc_difference!.difference < -0.1 && weakest.roc_auc_difference!.p_adjusted < 1e-4);
  assert.ok(!segments.some((segment) => segment.column === 'country' && segment.weak));
});

test('where nothing is wrong hardly any segment is called weak', () => {
  let alarms = 0;
  for (let i = 0; i < 25; i++) {
    const { sample, columns } = market(`clean ${i}`, () => false);
    alarms += segmentsOf(sample, columns, OPTIONS).some((segment) => segment.weak) ? 1 : 0;
  }
  assert.ok(alarms <= 4, `${alarms} of 25 at a stated 5 %`);
});

test('small segments have no test, and columns of ids are no segments', () => {
  const { sample, columns } = market('small', () => false);
  const rare = columns.plan.map((plan, row) => (row < 6 ? 'rare' : plan));
  const found = segmentsOf(sample, { plan: rare, id: columns.plan.map((_, row) => String(row)) }, OPTIONS);
  assert.ok(found.every(({ column }) => column === 'plan'));
  const small = found.find(({ name }) => name === 'rare')!;
  assert.deepEqual([small.roc_auc_difference, small.weak, small.rows], [null, false, 6]);
  assert.equal(found.at(-1), small, 'untested ones come last');
});
