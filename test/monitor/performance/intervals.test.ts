import assert from 'node:assert/strict';
import { test } from 'node:test';
import { averagePrecision } from '../../../src/monitor/performance/average-precision.js';
import { bootstrapUsers } from '../../../src/monitor/performance/bootstrap.js';
import { delongDifference, delongVariance, midranks } from '../../../src/monitor/performance/delong.js';
import { evaluateSample } from '../../../src/monitor/performance/evaluate.js';
import {
  intervalOnScale,
  LOGIT,
  logitError,
  percentileInterval,
  rateInterval,
} from '../../../src/monitor/performance/interval.js';
import { MEASURE_IDS, measuresOf, spreadOf } from '../../../src/monitor/performance/intervals.js';
import { obuchowskiVariance } from '../../../src/monitor/performance/obuchowski.js';
import { precision } from '../../../src/monitor/performance/precision.js';
import { rankingOf } from '../../../src/monitor/performance/ranking.js';
import { rocAuc } from '../../../src/monitor/performance/roc-auc.js';
import { countUsers, type LabelledRows } from '../../../src/monitor/performance/users.js';
import { random } from '../../../src/random.js';
import { close, monitorReference } from '../../reference/monitor.js';
import { performanceReference } from '../../reference/performance.js';
import { scoredUsers } from './scored-users.js';

const ranked = (rows: LabelledRows, scores: Float64Array) => ({
  ...rows,
  scores,
  ranking: rankingOf(rows.labels, scores),
});

test('DeLong equals the confidenceinterval package, also with ties and paired', () => {
  for (const each of monitorReference().delong) {
    const labels = Uint8Array.from(each.labels);
    const [first, second] = [Float64Array.from(each.first), Float64Array.from(each.second)];
    const { auc, variance } = delongVariance(rankingOf(labels, first));
    // That package keeps midranks in single precision.
    close(auc, each.auc, 1e-6);
    close(variance, each.variance, 1e-5);
    close(auc, rocAuc.of(labels, first).value!, 1e-12);
    const paired = delongDifference(labels, first, second);
    close(paired.difference, each.difference, 1e-5);
    close(paired.standardError ** 2, each.difference_variance, 1e-4);
    close(paired.p, each.p, 1e-4);
  }
});

test("Obuchowski's variance equals the full kernel matrix, and DeLong's with one row per user", () => {
  for (const each of performanceReference().clustered) {
    const rows = { labels: Uint8Array.from(each.labels), units: Int32Array.from(each.units) };
    const scores = Float64Array.from(each.scores);
    const { auc, variance } = obuchowskiVariance(rows, scores);
    close(auc, each.auc, 1e-12);
    close(variance, each.variance, 1e-10);
    // Leaving out one user at a time is another way to the same: close, not equal.
    close(Math.sqrt(variance), each.jackknife_auc, 0.1);
  }
  const { labels, scores, units } = scoredUsers({ users: 300, days: 1, seed: 'one row' });
  close(
    obuchowskiVariance({ labels, units }, scores).variance,
    delongVariance(rankingOf(labels, scores)).variance,
    1e-12,
  );
});

test('the jackknife over users equals scikit-learn on every sample without one', () => {
  for (const each of performanceReference().clustered) {
    const labels = Uint8Array.from(each.labels);
    const units = Int32Array.from(each.units);
    const scores = Float64Array.from(each.scores);
    const rows = { labels, units };
    const spread = spreadOf(ranked(rows, scores), undefined, countUsers(rows), { seed: 1 });
    close(spread.errorOf(spread.draws.pr_auc.map(LOGIT.to))!, each.jackknife_pr_auc_logit, 1e-9);
    close(spread.errorOf(spread.draws.roc_auc)!, each.jackknife_auc, 1e-9);
  }
});

test('drawing bins tells the same spread as drawing rows, without moving the value', () => {
  const { labels, scores, units } = scoredUsers({ users: 60_000, days: 1, seed: 'binned' });
  const threshold = 0.5;
  const counts = countUsers({ labels, units });
  const spread = spreadOf(ranked({ labels, units }, scores), threshold, counts, { seed: 1, draws: 1500 });
  const [exact] = bootstrapUsers(labels, [{ scores, threshold }], units, { seed: 2, draws: 400 });
  const expected = measuresOf(ranked({ labels, units }, scores), counts);
  for (const id of MEASURE_IDS) {
    close(spread.errorOf(spread.draws[id])!, spread.errorOf(exact[id])!, 0.15, id);
    const mean = spread.draws[id].reduce((sum, value) => sum + value, 0) / 1_500;
    close(mean, expected[id].value!, 2e-3, id);
  }
  const precisions = (of: typeof exact) => of.cells.map((cells) => precision.of(cells).value!);
  close(spread.errorOf(precisions(spread.draws))!, spread.errorOf(precisions(exact))!, 0.15, 'precision');
});

test('samples of users over bins tell what samples of rows tell, user by user and at random', () => {
  const { labels, scores, units } = scoredUsers({ users: 3_000, days: 20, seed: 'binned users' });
  const coarse = scores.map((score) => Math.round(score * 500) / 500);
  for (const each of [scores, coarse]) {
    const model = { scores: each, threshold: 0.5 };
    const [exact] = bootstrapUsers(labels, [model], units, { seed: 3, draws: 60 });
    const [binned] = bootstrapUsers(labels, [model], units, { seed: 3, draws: 60, binned: true });
    for (let draw = 0; draw < 60; draw++) {
      close(binned.roc_auc[draw], exact.roc_auc[draw], 1e-5);
      close(binned.pr_auc[draw], exact.pr_auc[draw], 1e-3);
    }
    assert.deepEqual([binned.log_loss, binned.brier], [exact.log_loss, exact.brier]);
    assert.deepEqual(binned.cells, exact.cells);
  }
  const few = { labels, units: units.map((user) => user % 300) };
  const spread = spreadOf(ranked(few, scores), undefined, countUsers(few), { seed: 1 });
  const { variance } = obuchowskiVariance(few, scores);
  close(spread.errorOf(spread.draws.roc_auc)!, Math.sqrt(variance), 1e-2);
});

test('midranks share the mean rank of ties', () => {
  assert.deepEqual([...midranks(Float64Array.from([0.5, 0.1, 0.5, 0.9, -0, 0]))], [4.5, 3, 4.5, 6, 1.5, 1.5]);
});

test("the interval of a rate is Wilson's for independent rows, wider for few users, and none at 0 and 1", () => {
  // statsmodels proportion_confint(method="wilson")
  for (const [hits, rows, low, high] of [
    [12, 30, 0.24590628116801855, 0.5767963974667754],
    [1, 25, 0.007096233501987265, 0.1954406373619374],
  ]) {
    const rate = hits / rows;
    const found = rateInterval(rate, Math.sqrt((rate * (1 - rate)) / rows))!;
    close(found[0], low, 1e-12);
    close(found[1], high, 1e-12);
    const few = rateInterval(rate, Math.sqrt((rate * (1 - rate)) / rows), 19)!;
    assert.ok(few[0] < found[0] && few[1] > found[1]);
  }
  assert.deepEqual([rateInterval(0, 0), rateInterval(1, 0)], [null, null]);
});

test('identical ranks: DeLong difference 0, p 1', () => {
  const { labels, scores } = scoredUsers({ users: 100, days: 1, seed: 'same' });
  const result = delongDifference(
    labels,
    scores,
    scores.map((score) => score / 2),
  ); // prettier-ignore
  assert.deepEqual([result.difference, result.standardError, result.p], [0, 0, 1]);
});

test('DeLong and the bootstrap over users agree when each user has one row', () => {
  const { labels, scores, units } = scoredUsers({ users: 1_500, days: 1, seed: 'agree' });
  const { auc, variance } = delongVariance(rankingOf(labels, scores));
  const delong = intervalOnScale(auc, logitError(auc, Math.sqrt(variance)), LOGIT)!;
  const bootstrap = percentileInterval(bootstrapUsers(labels, [{ scores }], units, { seed: 1 })[0].roc_auc)!;
  const width = delong[1] - delong[0];
  assert.ok(Math.abs(delong[0] - bootstrap[0]) < 0.15 * width, `${delong} and ${bootstrap}`);
  assert.ok(Math.abs(delong[1] - bootstrap[1]) < 0.15 * width, `${delong} and ${bootstrap}`);
});

test('a draw is the measure of the rows of the users drawn', () => {
  const { labels, scores, units } = scoredUsers({ users: 40, days: 3, seed: 'draw' });
  const [draws] = bootstrapUsers(labels, [{ scores }], units, { seed: 'd', draws: 1 });
  const chance = random('d');
  const times = new Float64Array(40);
  for (let i = 0; i < 40; i++) {
    times[chance.integer(40)]++;
  }
  const weights = Float64Array.from(units, (unit) => times[unit]);
  close(draws.roc_auc[0], rocAuc.of(labels, scores, weights).value!, 1e-12);
  close(draws.pr_auc[0], averagePrecision.of(labels, scores, weights).value!, 1e-12);
});

test('intervals hold the truth about as often as they say, with one row and with ten per user', () => {
  for (const days of [1, 10]) {
    const truth = rocAuc.of(...wholeWorld(days)).value!;
    let held = 0;
    for (let i = 0; i < 60; i++) {
      const sample = scoredUsers({ users: 250, days, seed: `coverage ${i}` });
      const [low, high] = evaluateSample(sample, { seed: i, draws: 200 }).measures.roc_auc.interval!;
      held += low <= truth && truth <= high ? 1 : 0;
    }
    assert.ok(held >= 51, `${held} of 60 with ${days} rows per user`);
  }
});

function wholeWorld(days: number): [Uint8Array, Float64Array] {
  const { labels, scores } = scoredUsers({ users: 40_000 / days, days, seed: 'truth' });
  return [labels, scores];
}

test('below 20 users of a class no interval, below 50 a warning, each with its reason', () => {
  const withPositives = (positives: number) => {
    const labels = Uint8Array.from({ length: 300 }, (_, i) => (i < positives ? 1 : 0));
    const scores = Float64Array.from(labels, (_, i) => ((i * 37) % 101) / 101);
    const units = Int32Array.from({ length: 300 }, (_, i) => i);
    return evaluateSample({ labels, scores, units }, { seed: 1, draws: 200 }).measures;
  };
  const few = withPositives(19);
  assert.ok(few.roc_auc.value !== null && few.roc_auc.interval === null);
  assert.match(few.roc_auc.reason!, /19 users with a positive row, 20 are needed/);
  const some = withPositives(49);
  assert.ok(some.brier.interval !== null);
  assert.match(some.brier.reason!, /only 49 users/);
  const enough = withPositives(50);
  assert.ok(enough.pr_auc.interval !== null && enough.pr_auc.reason === undefined);
});

test('one class, no rows and perfect scores are answered with reasons', () => {
  const of = (labels: number[], scores: number[]) =>
    evaluateSample(
      {
        labels: Uint8Array.from(labels),
        scores: Float64Array.from(scores),
        units: Int32Array.from(labels.keys()),
      },
      { seed: 1, draws: 100 },
    );
  const one = of([1, 1, 1], [0.2, 0.5, 0.9]);
  assert.equal(one.measures.pr_auc.value, null);
  assert.match(one.measures.roc_auc.reason!, /no negative rows/);
  assert.ok(one.measures.brier.value !== null);
  const none = of([], []);
  assert.deepEqual([none.positiveRate, none.measures.log_loss.value, none.prAucLift], [null, null, null]);
  const labels = Array.from({ length: 100 }, (_, i) => i % 2);
  const perfect = of(labels, labels).measures;
  assert.equal(perfect.roc_auc.value, 1);
  assert.equal(perfect.roc_auc.interval, null);
  assert.match(perfect.pr_auc.reason!, /separate the classes/);
});

test('the same seed gives the same intervals, another seed others', () => {
  const sample = scoredUsers({ users: 1_200, days: 2, seed: 'seeded' });
  const first = evaluateSample(sample, { seed: 1, draws: 200 });
  assert.deepEqual(evaluateSample(sample, { seed: 1, draws: 200 }), first);
  assert.notDeepEqual(evaluateSample(sample, { seed: 2, draws: 200 }), first);
});

test('a part of a larger table has the intervals of its own users, whatever their numbers', () => {
  for (const users of [150, 1_200]) {
    const sample = scoredUsers({ users, days: 2, seed: 'part' });
    const gaps = { ...sample, units: sample.units.map((unit) => 7 * unit + 3) };
    assert.deepEqual(
      evaluateSample(gaps, { seed: 1, draws: 200 }),
      evaluateSample(sample, { seed: 1, draws: 200 }),
    );
  }
});

test('wrong samples are refused with the row', () => {
  const units = Int32Array.from([0, 1]);
  const of = (labels: number[], scores: number[]) =>
    evaluateSample(
      { labels: Uint8Array.from(labels), scores: Float64Array.from(scores), units },
      { seed: 1 },
    );
  for (const [labels, scores] of [
    [
      [0, 2],
      [0.1, 0.2],
    ],
    [
      [0, 1],
      [0.1, Number.NaN],
    ],
    [
      [0, 1],
      [0.1, 1.2],
    ],
    [[0, 1], [0.1]],
  ]) {
    // prettier-ignore
    assert.throws(() => of(labels, scores), { code: 'data.invalid' });
  }
});
