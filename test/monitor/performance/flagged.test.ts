import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brierPartsOf } from '../../../src/monitor/performance/brier-parts.js';
import { cellsAt, flagThreshold } from '../../../src/monitor/performance/confusion.js';
import { costReport } from '../../../src/monitor/performance/cost.js';
import { evaluateSample } from '../../../src/monitor/performance/evaluate.js';
import { gains } from '../../../src/monitor/performance/gains.js';
import { THRESHOLD_MEASURES } from '../../../src/monitor/performance/index.js';
import { rankingOf } from '../../../src/monitor/performance/ranking.js';
import { equalCountBins } from '../../../src/monitor/performance/reliability.js';
import { close } from '../../reference/monitor.js';
import { performanceReference } from '../../reference/performance.js';
import { scoredUsers } from './scored-users.js';

const reference = performanceReference();
const samples = reference.samples.map((each) => ({
  ...each,
  labels: Uint8Array.from(each.labels),
  scores: Float64Array.from(each.scores),
}));
const unitsOf = (labels: Uint8Array) => Int32Array.from(labels.keys());

test('measures of flagged rows equal scikit-learn', () => {
  for (const { labels, scores, at } of samples) {
    for (const expected of at) {
      const cells = cellsAt(rankingOf(labels, scores), expected.threshold);
      assert.deepEqual(
        [cells.truePositives, cells.falsePositives, cells.falseNegatives, cells.trueNegatives],
        expected.cells,
      );
      for (const measure of THRESHOLD_MEASURES) {
        close(measure.of(cells).value!, expected[measure.id as 'f1'], 1e-12, measure.id);
      }
    }
  }
});

test('the parts of the Brier score equal those of calibration_curve, and add up with what is within the bins', () => {
  for (const { labels, scores, brier_parts } of samples) {
    const parts = brierPartsOf(equalCountBins(labels, scores));
    close(parts.reliability, brier_parts.reliability, 1e-9);
    close(parts.resolution, brier_parts.resolution, 1e-9);
    close(parts.uncertainty, brier_parts.uncertainty, 1e-12);
  }
  // One score a bin: nothing is within.
  const labels = Uint8Array.from({ length: 40 }, (_, i) => (i % 7 === 0 ? 1 : 0));
  const scores = Float64Array.from(labels, (_, i) => (i % 4) / 10);
  const parts = brierPartsOf(equalCountBins(labels, scores));
  const brier = scores.reduce((sum, score, i) => sum + (score - labels[i]) ** 2, 0) / 40;
  close(parts.reliability - parts.resolution + parts.uncertainty, brier, 1e-12);
});

test('capture by decile equals the curve of scikit-learn, ties shared out; lift is its slope', () => {
  for (const { labels, scores, capture } of samples) {
    const rows = gains(rankingOf(labels, scores));
    rows.forEach((row, i) => {
      close(row.capture, capture[i], 1e-9);
      close(row.lift, 10 * (capture[i] - (capture[i - 1] ?? 0)), 1e-8);
      close(row.cumulative_lift, (10 * capture[i]) / (i + 1), 1e-9);
    });
  }
  assert.deepEqual(gains(rankingOf(new Uint8Array(5), new Float64Array(5))), []);
});

test('cost, profit and the best threshold equal trying every threshold', () => {
  for (const { labels, scores, costs } of samples) {
    for (const each of costs) {
      const [true_positive, false_positive, false_negative, true_negative] = each.matrix;
      const matrix = { true_positive, false_positive, false_negative, true_negative };
      const cells = cellsAt(rankingOf(labels, scores), each.threshold);
      const report = costReport(cells, rankingOf(labels, scores), matrix)!;
      close(report.per_row, each.cost / labels.length, 1e-12);
      close(report.profit, each.nobody - each.cost, 1e-12);
      close(report.best.per_row, each.best_cost / labels.length, 1e-12);
      assert.equal(report.best.threshold, each.best_threshold);
    }
  }
});

test('the threshold of calibrated scores is where acting and not acting cost the same', () => {
  const costs = { true_positive: -40, false_positive: 10, false_negative: 0, true_negative: 0 };
  const [{ labels, scores }] = samples;
  const of = (matrix: typeof costs) =>
    costReport(cellsAt(rankingOf(labels, scores), 0.5), rankingOf(labels, scores), matrix)!
      .calibrated_threshold;
  const p = of(costs)!;
  assert.ok(Math.abs(p * -40 + (1 - p) * 10) < 1e-12);
  assert.equal(of({ ...costs, true_positive: 1 }), null, 'acting never helps');
});

test('the interval of precision is the textbook one of a share when each user has one row', () => {
  const { threshold, interval, precision, ...rows } = reference.precision_interval;
  const labels = Uint8Array.from(rows.labels);
  const sample = { labels, scores: Float64Array.from(rows.scores), units: unitsOf(labels) };
  const { flagged } = evaluateSample(sample, { seed: 1, flag: { threshold } });
  close(flagged.measures.precision.value!, precision, 1e-12);
  flagged.measures.precision.interval!.forEach((end, i) => {
    close(end, interval[i], 0.005, 'an end of the interval');
  });
});

test('the top share flags the row at its place and those with the same score', () => {
  const scores = Float64Array.from([0.9, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
  const ranking = rankingOf(new Uint8Array(10), scores);
  assert.equal(flagThreshold({ top: 0.1 }, ranking), 0.9);
  assert.equal(flagThreshold({ top: 0.2 }, ranking), 0.5);
  assert.equal(flagThreshold({ top: 1 }, ranking), 0.1);
  assert.equal(flagThreshold({ top: 0.01 }, ranking), 0.9, 'at least one row');
  assert.equal(flagThreshold({ top: 0.5 }, rankingOf(new Uint8Array(), new Float64Array())), Infinity);
  const sample = { labels: new Uint8Array(10), scores, units: unitsOf(new Uint8Array(10)) };
  assert.equal(evaluateSample(sample, { seed: 1, flag: { top: 0.2 } }).flagged.rows, 4);
  assert.throws(() => evaluateSample(sample, { seed: 1, flag: { top: 0 } }), { code: 'usage.invalid' });
});

test('nothing flagged, one class and no rows are answered with reasons', () => {
  const of = (labels: number[], scores: number[], threshold: number) =>
    evaluateSample(
      {
        labels: Uint8Array.from(labels),
        scores: Float64Array.from(scores),
        units: Int32Array.from(labels.keys()),
      },
      {
        seed: 1,
        flag: { threshold },
        costs: { true_positive: 0, false_positive: 1, false_negative: 5, true_negative: 0 },
      },
    ).flagged;
  const nobody = of([0, 1], [0.2, 0.3], 0.9);
  assert.deepEqual(
    [nobody.rows, nobody.measures.precision.value, nobody.measures.recall.value],
    [0, null, 0],
  );
  assert.equal(nobody.measures.precision.reason, 'no row is flagged');
  assert.equal(of([0, 0], [0.2, 0.3], 0.1).measures.recall.reason, 'no positive rows');
  const none = of([], [], 0.5);
  assert.equal(none.costs, null);
  assert.ok(Object.values(none.measures).every(({ value, reason }) => value === null && reason));
});

test('costs have an interval over users', () => {
  const sample = scoredUsers({ users: 400, days: 3, seed: 'costs' });
  const costs = { true_positive: -20, false_positive: 5, false_negative: 0, true_negative: 0 };
  const { per_row, per_row_interval, profit } = evaluateSample(sample, { seed: 1, costs }).flagged.costs!;
  assert.ok(per_row_interval![0] < per_row && per_row < per_row_interval![1]);
  close(profit, -per_row * 1_200, 1e-9);
});
