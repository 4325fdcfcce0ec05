import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDB } from '../../../src/data/engine/duckdb.js';
import { sql } from '../../../src/data/engine/sql.js';
import { readTable } from '../../../src/data/tables.js';
import { estimateBesideRealised, estimatePerformance } from '../../../src/monitor/performance/estimate.js';
import {
  ESTIMATED_IDS,
  type Estimator,
  fitEstimator,
  realisedOf,
} from '../../../src/monitor/performance/estimator.js';
import {
  type Curve,
  curveAlong,
  curvesAlong,
  isotonicFit,
  sortRows,
} from '../../../src/monitor/performance/isotonic.js';
import { rankingOf } from '../../../src/monitor/performance/ranking.js';
import { rocAuc } from '../../../src/monitor/performance/roc-auc.js';
import { random } from '../../../src/random.js';
import { close } from '../../reference/monitor.js';
import { performanceReference } from '../../reference/performance.js';
import { scoredUsers, sigmoid } from './scored-users.js';

const curveAt = (curve: Curve, score: number) => curveAlong(curve, Float64Array.of(score))[0];

test('isotonic regression equals scikit-learn, with ties and weights, clipped outside', () => {
  for (const each of performanceReference().isotonic) {
    const weights = each.weights ? Float64Array.from(each.weights) : undefined;
    const rows = sortRows(Uint8Array.from(each.labels), Float64Array.from(each.scores), weights);
    const curve = isotonicFit(rows);
    const along = curveAlong(curve, rows.scores);
    const folds = Uint8Array.from(along, (_, i) => i % 2);
    assert.deepEqual(curvesAlong([curve, curve], rows.scores, folds), along);
    assert.deepEqual(
      along,
      rows.scores.map((score) => curveAt(curve, score)),
    );
    each.at.forEach((score, i) => {
      assert.ok(Math.abs(curveAt(curve, score) - each.expected[i]) < 1e-12, `at ${score}`);
    });
  }
});

interface CbpeReference {
  chunk: number;
  threshold: number;
  reference: { labels: number[]; scores: number[] };
  current: { labels: number[]; scores: number[] };
  estimated: Record<string, number[]>;
  realized: Record<string, number[]>;
  thresholds: Record<string, [number, number]>;
}

const NAMES: Record<string, string> = { average_precision: 'pr_auc' };

test('estimates, realised values and thresholds equal NannyML for seven measures', () => {
  const known = JSON.parse(readFileSync(join('test', 'reference', 'cbpe.json'), 'utf8')) as CbpeReference;
  const reference = typed(known.reference);
  const current = typed(known.current);
  const flag = { threshold: known.threshold };
  const windows = Int32Array.from(reference.labels, (_, row) => Math.floor(row / known.chunk));
  const estimator = fitEstimator(
    { ...reference, units: Int32Array.from(reference.labels.keys()) },
    { seed: 1, flag, windows },
  );
  const { scores, calibrated } = estimator.calibration_error!;
  assert.ok(calibrated < scores && estimator.curve.x.length > 0);
  for (const [name, estimated] of Object.entries(known.estimated)) {
    const id = NAMES[name] ?? name;
    estimated.forEach((value, chunk) => {
      const part = [chunk * known.chunk, (chunk + 1) * known.chunk] as const;
      const found = estimatePerformance(estimator, current.scores.slice(...part));
      // NannyML rounds its cumulative sums to five digits.
      assert.ok(
        Math.abs(found.measures[id].value! - value) < 2e-7,
        `${id}: ${found.measures[id].value} ${value}`,
      );
      const labels = current.labels.slice(...part);
      const beside = estimateBesideRealised(estimator, labels, current.scores.slice(...part));
      assert.deepEqual(beside.estimate, found);
      close(beside.realised[id]!, known.realized[name][chunk], 1e-12, id);
    });
    close(estimator.measures[id].thresholds![0], known.thresholds[name][0], 1e-12, id);
    close(estimator.measures[id].thresholds![1], known.thresholds[name][1], 1e-12, id);
  }
});

const LOAN = join(process.env.CHURN_SHARED ?? join('..', 'shared'), 'data', 'car_loan');
const absent = (() => {
  try {
    readFileSync(join(LOAN, 'published_cbpe.csv'));
    return false;
  } catch {
    return `${LOAN} is not on this machine (set CHURN_SHARED)`;
  }
})();

test('the published car loan figures: 20 realised and 10 estimated ROC AUCs, thresholds, alerts', {
  skip: absent,
}, async () => {
  const chunk = 5_000;
  const [reference, current] = [await loans('reference'), await loans('monitoring')];
  const windows = Int32Array.from(reference.labels, (_, row) => Math.floor(row / chunk));
  const estimator = fitEstimator(
    { ...reference, units: Int32Array.from(reference.labels.keys()) },
    { seed: 1, flag: { threshold: 0.48 }, windows },
  );
  const rows = publishedRows('published_realized.csv');
  assert.equal(rows.length, 20);
  const [low, high] = estimator.measures.roc_auc.thresholds!;
  rows.forEach((row, i) => {
    const all = i < 10 ? reference : current;
    const part = [(i % 10) * chunk, ((i % 10) + 1) * chunk] as const;
    const { value } = rocAuc.of(all.labels.slice(...part), all.scores.slice(...part));
    assert.ok(Math.abs(value! - Number(row.value)) < 1e-6, `realised ${i}: ${value}`);
    assert.ok(Math.abs(low - Number(row.lower_threshold)) < 1e-6);
    assert.ok(Math.abs(high - Number(row.upper_threshold)) < 1e-6);
  });
  const estimates = publishedRows('published_cbpe.csv');
  assert.equal(estimates.length, 10);
  estimates.forEach((row, i) => {
    const { roc_auc } = estimatePerformance(
      estimator,
      current.scores.slice(i * chunk, (i + 1) * chunk),
    ).measures;
    assert.ok(Math.abs(roc_auc.value! - Number(row.value)) < 1e-6, `estimated ${i}: ${roc_auc.value}`);
    assert.equal(roc_auc.alert, row.alert === 'True');
    // Theirs is the positives' half of DeLong's variance: see statistics.md.
    const ratio = Number(row.sampling_error) / roc_auc.sampling_error!;
    assert.ok(ratio > 0.6 && ratio < 0.8, `sampling error ${ratio}`);
  });
});

async function loans(part: string): Promise<{ labels: Uint8Array; scores: Float64Array }> {
  const engine = await openDuckDB({ memoryLimit: '1GB', threads: 1, spillFolder: join('dist', '.spill') });
  const [labels, scores]: number[][] = [[], []];
  const file = readTable(engine, join(LOAN, `${part}_synthetic_car_loan.parquet`));
  for await (const chunk of engine.columns(sql`SELECT repaid, y_pred_proba FROM ${file}`)) {
    labels.push(...(chunk.columns[0] as Float64Array));
    scores.push(...(chunk.columns[1] as Float64Array));
  }
  await engine.close();
  return typed({ labels, scores });
}

function publishedRows(name: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(LOAN, name), 'utf8').trim().split('\n');
  const names = head.trim().split(',');
  return lines.map((line) =>
    Object.fromEntries(
      line
        .trim()
        .split(',')
        .map((cell, i) => [names[i], cell]),
    ),
  );
}

function typed({ labels, scores }: { labels: number[]; scores: number[] }) {
  return { labels: Uint8Array.from(labels), scores: Float64Array.from(scores) };
}

/** Calibrated scores of one row a user, in windows of 500. */
function calibratedReference(seed: string, rows = 3_000) {
  const chance = random(seed);
  const scores = Float64Array.from({ length: rows }, () => sigmoid(-1 + 1.2 * chance.normal()));
  const labels = Uint8Array.from(scores, (score) => (chance.uniform() < score ? 1 : 0));
  return { scores, labels, units: Int32Array.from(labels.keys()) };
}

const everyTenth = (rows: number) => Int32Array.from({ length: rows }, (_, row) => row % 10);
const FLAG = { top: 0.1 };

function fitted(seed: string): Estimator {
  const reference = calibratedReference(seed);
  return fitEstimator(reference, { seed: 1, flag: FLAG, windows: everyTenth(reference.labels.length) });
}

test('bands of three sampling errors hold the realised value nearly always when the assumption holds', () => {
  const estimator = fitted('reference');
  let held = 0;
  let asked = 0;
  for (let i = 0; i < 60; i++) {
    const current = calibratedReference(`current ${i}`, 1_000);
    const { measures } = estimatePerformance(estimator, current.scores);
    const happened = realisedOf(rankingOf(current.labels, current.scores), FLAG);
    for (const id of ESTIMATED_IDS) {
      const [low, high] = measures[id].band!;
      held += low <= happened[id]! && happened[id]! <= high ? 1 : 0;
      asked++;
    }
  }
  assert.ok(held / asked > 0.97, `${held} of ${asked}`);
});

test('concept drift is what it cannot see: scores unchanged, the estimate is too', () => {
  const estimator = fitted('concept');
  const { scores } = calibratedReference('turned', 2_000);
  const chance = random('labels that ignore the scores');
  const labels = Uint8Array.from(scores, () => (chance.uniform() < 0.3 ? 1 : 0));
  const { measures, alert, assumption } = estimatePerformance(estimator, scores);
  assert.ok(measures.roc_auc.value! - realisedOf(rankingOf(labels, scores), FLAG).roc_auc! > 0.15);
  assert.equal(alert, false);
  assert.match(assumption, /no concept drift/);
});

test('scores that are calibrated already are left alone; the same data give the same estimator', () => {
  const reference = calibratedReference('left alone');
  const options = { seed: 1, flag: FLAG, windows: everyTenth(reference.labels.length) };
  const estimator = fitEstimator(reference, options);
  const { scores, calibrated } = estimator.calibration_error!;
  assert.equal(estimator.curve.x.length > 0, calibrated < scores);
  assert.deepEqual(fitEstimator(reference, options), estimator);
  assert.deepEqual(JSON.parse(JSON.stringify(estimator)), estimator, 'plain data');
});

test('rows of one user: folds keep them together and the bands know them', () => {
  const sample = scoredUsers({ users: 150, days: 8, seed: 'clustered' });
  const windows = everyTenth(sample.labels.length);
  const together = fitEstimator(sample, { seed: 1, flag: FLAG, windows });
  const apart = fitEstimator(
    { ...sample, units: Int32Array.from(sample.labels.keys()) },
    { seed: 1, flag: FLAG, windows },
  );
  assert.ok(
    together.measures.roc_auc.error_of_one_row! > 1.3 * apart.measures.roc_auc.error_of_one_row!,
    'as independent rows the error is too small',
  );
});

test('too little is answered with reasons', () => {
  const one = {
    labels: new Uint8Array(30),
    scores: new Float64Array(30),
    units: Int32Array.from(Array(30).keys()),
  };
  assert.throws(() => fitEstimator(one, { seed: 1, flag: FLAG, windows: new Int32Array(30) }), {
    code: 'data.insufficient',
  });
  const few = calibratedReference('few', 40);
  const estimator = fitEstimator(few, { seed: 1, flag: FLAG, windows: new Int32Array(40) });
  assert.equal(estimator.measures.roc_auc.thresholds, null);
  const none = estimatePerformance(estimator, new Float64Array());
  assert.deepEqual([none.measures.roc_auc.value, none.measures.roc_auc.reason], [null, 'no rows']);
  assert.throws(() => estimatePerformance(estimator, Float64Array.from([1.5])), { code: 'data.invalid' });
});
