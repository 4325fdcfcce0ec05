import assert from 'node:assert/strict';
import { test } from 'node:test';
import { averagePrecision } from '../../../src/monitor/performance/average-precision.js';
import { brier } from '../../../src/monitor/performance/brier.js';
import { calibration } from '../../../src/monitor/performance/calibration.js';
import { ece, eceEqualWidth } from '../../../src/monitor/performance/ece.js';
import { logLoss } from '../../../src/monitor/performance/log-loss.js';
import type { Measure } from '../../../src/monitor/performance/measure.js';
import { rocAuc } from '../../../src/monitor/performance/roc-auc.js';
import { random } from '../../../src/random.js';
import { close, monitorReference, sharedData } from '../../reference/monitor.js';
import { performanceReference } from '../../reference/performance.js';

interface MeasureCase {
  id: string;
  name: string;
  y_true: number[];
  y_score: number[];
  sample_weight: number[] | null;
  expected: Record<string, { value: number | 'nan' | null } | null>;
}

const MEASURE_OF: Record<string, Measure> = {
  roc_auc: rocAuc,
  average_precision: averagePrecision,
  log_loss: logLoss,
  brier,
  ece_10_equal_width: eceEqualWidth,
  ece_10_equal_count: ece,
};

const shared = sharedData<MeasureCase[]>('measure_cases.json');

for (const [name, measure] of Object.entries(MEASURE_OF)) {
  test(`${name} equals scikit-learn on all cases`, { skip: shared.skip }, () => {
    let compared = 0;
    for (const each of shared.data!) {
      const expected = each.expected[name];
      if (expected === null) {
        continue; // The case leaves it open (ties or weights across equal-count bins).
      }
      const weights = each.sample_weight ? Float64Array.from(each.sample_weight) : undefined;
      const { value, reason } = measure.of(
        Uint8Array.from(each.y_true),
        Float64Array.from(each.y_score),
        weights,
      );
      if (typeof expected.value === 'number') {
        assert.ok(Math.abs(value! - expected.value) < 1e-12, `${each.id} ${each.name}: ${value}`);
      } else {
        assert.equal(value, null, each.id);
        assert.ok(reason);
      }
      compared++;
    }
    assert.ok(compared >= 8, `${compared} cases`);
  });
}

test('one class gives null with a reason, never 0 or NaN', () => {
  const scores = Float64Array.from([0.2, 0.5, 0.9]);
  assert.deepEqual(rocAuc.of(new Uint8Array(3).fill(1), scores), { value: null, reason: 'no negative rows' });
  assert.deepEqual(averagePrecision.of(new Uint8Array(3), scores), {
    value: null,
    reason: 'no positive rows',
  });
  const { slope, reason } = calibration(new Uint8Array(3), scores);
  assert.deepEqual([slope, reason], [null, 'no positive rows']);
});

test('calibration slope and intercept equal scikit-learn without penalty', () => {
  for (const each of monitorReference().calibration) {
    const fit = calibration(Uint8Array.from(each.labels), Float64Array.from(each.scores));
    close(fit.slope!, each.slope, 1e-6);
    close(fit.intercept!, each.intercept, 1e-6);
    assert.equal(fit.observed, each.labels.filter((label) => label === 1).length);
  }
});

test('calibration slope and intercept equal statsmodels', () => {
  for (const each of performanceReference().logit) {
    const fit = calibration(Uint8Array.from(each.labels), Float64Array.from(each.scores));
    close(fit.slope!, each.slope, 1e-8);
    close(fit.intercept!, each.intercept, 1e-8);
  }
});

test('with many rows, ties and weights the fitted line leaves no residual, nor one along the logit', () => {
  const chance = random('many rows');
  const scores = Float64Array.from({ length: 40_000 }, (_, row) =>
    row % 3 === 0 ? Math.ceil(100 * chance.uniform()) / 101 : 1 / (1 + Math.exp(4 - 2 * chance.normal())),
  );
  const labels = Uint8Array.from(scores, (score) => (chance.uniform() < score ** 0.7 ? 1 : 0));
  for (const weights of [undefined, Float64Array.from(scores, () => 3 * chance.uniform())]) {
    const { slope, intercept, expected } = calibration(labels, scores, weights);
    let [residual, along, sum] = [0, 0, 0];
    for (let row = 0; row < scores.length; row++) {
      const logit = Math.log(scores[row] / (1 - scores[row]));
      const weight = weights?.[row] ?? 1;
      const rest = weight * (labels[row] - 1 / (1 + Math.exp(-(intercept! + slope! * logit))));
      residual += rest;
      along += rest * logit;
      sum += weight * scores[row];
    }
    assert.ok(Math.abs(residual) < 1e-6 && Math.abs(along) < 1e-6, `${residual} ${along}`);
    close(expected, sum, 1e-12);
  }
});

test('calibration says why there is no fit', () => {
  const of = (labels: number[], scores: number[]) =>
    calibration(Uint8Array.from(labels), Float64Array.from(scores));
  assert.match(of([0, 1], [0.5, 0.5]).reason!, /equal/);
  assert.match(of([0, 0, 1, 1], [0.1, 0.2, 0.2, 0.3]).reason!, /separates/);
  assert.match(of([1, 0], [0.1, 0.9]).reason!, /separates/);
});
