import { EPSILON } from './log-loss.js';
import type { Scores } from './measure.js';
import { type Ranking, rankingOf, totalsOf } from './ranking.js';
import { checkSample, whyUndefined } from './sample.js';

/** How far scores can be read as probabilities. */
export interface Calibration {
  /** Positives expected (sum of scores) and observed, weighted. */
  expected: number;
  observed: number;
  /**
   * Logistic regression of the label on logit(score), P(y = 1) = 1 / (1 + exp(-(intercept + slope logit s))):
   * slope 1 and intercept 0 are calibrated, a slope below 1 is overconfident. Null when undefined.
   */
  slope: number | null;
  intercept: number | null;
  reason?: string;
}

/**
 * Expected against observed positives, and Cox's slope and intercept by Newton's method. Slope and intercept are
 * undefined with one class, with equal scores only, and when a score separates the classes (the fit has no finite
 * maximum). Scores are clipped as in log loss. Source: Cox 1958; Van Calster et al. 2019; statsmodels or
 * scikit-learn without penalty.
 */
export function calibration(labels: Uint8Array, scores: Scores, weights?: Float64Array): Calibration {
  checkSample(labels, scores, weights, true);
  return calibrationOf(rankingOf(labels, scores, weights));
}

/** The same from the weights of each score. */
export function calibrationOf(ranking: Ranking): Calibration {
  const { length, score, positive, negative } = ranking;
  const { positives, negatives } = totalsOf(ranking);
  const x = new Float64Array(length);
  let expected = 0;
  for (let i = 0; i < length; i++) {
    expected += (positive[i] + negative[i]) * score[i];
    x[i] = logit(score[i]);
  }
  const counts = { expected, observed: positives };
  const points = { length, x, positive, negative };
  const reason =
    whyUndefined('both_classes', { positive: positives, negative: negatives }) ?? whyNoFit(points);
  return reason === null
    ? { ...counts, ...fit(points, startOf(points)) }
    : { ...counts, slope: null, intercept: null, reason };
}

function logit(score: number): number {
  const clipped = Math.min(Math.max(score, EPSILON), 1 - EPSILON);
  return Math.log(clipped / (1 - clipped));
}

/** Weight of either class at each logit, highest first. */
interface Points {
  length: number;
  x: Float64Array;
  positive: Float64Array;
  negative: Float64Array;
}

function whyNoFit(points: Points): string | null {
  const ofPositives = reachOf(points.positive, points);
  const ofNegatives = reachOf(points.negative, points);
  const [least, most] = [Math.min(ofPositives[0], ofNegatives[0]), Math.max(ofPositives[1], ofNegatives[1])];
  if (least === most) {
    return 'all scores are equal';
  }
  const separated = ofNegatives[1] <= ofPositives[0] || ofPositives[1] <= ofNegatives[0];
  return separated ? 'a score separates the classes completely' : null;
}

/** Lowest and highest logit with any weight. */
function reachOf(weights: Float64Array, { length, x }: Points): [least: number, most: number] {
  let [first, last] = [0, length - 1];
  while (first < length && weights[first] === 0) {
    first++;
  }
  while (last >= 0 && weights[last] === 0) {
    last--;
  }
  return [x[last], x[first]];
}

type Line = Pick<Calibration, 'slope' | 'intercept' | 'reason'>;

/** So many points are fitted roughly first: two rounds over all of them are left then. */
const MANY = 10_000;
const ROUGHLY = 1_000;

/** Where to start: at the fit of neighbouring points taken together where there are many. */
function startOf(points: Points): [intercept: number, slope: number] {
  if (points.length < MANY) {
    return [0, 1];
  }
  const { intercept, slope } = fit(together(points), [0, 1]);
  return intercept === null || slope === null ? [0, 1] : [intercept, slope];
}

/** About equally many neighbours at a time, at their mean. */
function together({ length, x, positive, negative }: Points): Points {
  const each = Math.ceil(length / ROUGHLY);
  const room = () => new Float64Array(ROUGHLY);
  const rough = { length: Math.ceil(length / each), x: room(), positive: room(), negative: room() };
  for (let i = 0; i < length; i++) {
    const at = Math.floor(i / each);
    rough.x[at] += (positive[i] + negative[i]) * x[i];
    rough.positive[at] += positive[i];
    rough.negative[at] += negative[i];
  }
  for (let at = 0; at < rough.length; at++) {
    const weight = rough.positive[at] + rough.negative[at];
    rough.x[at] = weight > 0 ? rough.x[at] / weight : 0;
  }
  return rough;
}

function fit(points: Points, start: [intercept: number, slope: number]): Line {
  let at = pointAt(...start, points);
  for (let round = 0; round < 100; round++) {
    const [intercept, slope] = at.step;
    if (Math.abs(intercept) + Math.abs(slope) < 1e-10 * (1 + Math.abs(at.intercept) + Math.abs(at.slope))) {
      return { slope: at.slope + slope, intercept: at.intercept + intercept };
    }
    let scale = 1;
    let next = pointAt(at.intercept + intercept, at.slope + slope, points);
    while (!(next.loss <= at.loss + 1e-12 * Math.abs(at.loss)) && scale > 1e-10) {
      scale /= 2;
      next = pointAt(at.intercept + scale * intercept, at.slope + scale * slope, points);
    }
    at = next;
  }
  return { slope: null, intercept: null, reason: 'the logistic fit did not converge' };
}

interface FitPoint {
  intercept: number;
  slope: number;
  loss: number;
  /** Newton's step from here, in intercept and slope. */
  step: [intercept: number, slope: number];
}

/** Factors of at most 2 whose product stays finite: one logarithm for all of them. */
const FACTORS = 512;

/** Loss, gradient and curvature in one pass. */
function pointAt(intercept: number, slope: number, { length, x, positive, negative }: Points): FitPoint {
  let loss = 0;
  let g0 = 0;
  let g1 = 0;
  let h00 = 0;
  let h01 = 0;
  let h11 = 0;
  let product = 1;
  for (let i = 0; i < length; i++) {
    const up = positive[i];
    const down = negative[i];
    const at = x[i];
    const weight = up + down;
    const odds = intercept + slope * at;
    const small = Math.exp(-Math.abs(odds));
    const certain = 1 / (1 + small);
    const p = odds >= 0 ? certain : small * certain;
    loss += odds >= 0 ? down * odds : -up * odds;
    if (weight === 1) {
      product *= 1 + small;
    } else {
      loss += weight * Math.log1p(small);
    }
    if (i % FACTORS === 0) {
      loss += Math.log(product);
      product = 1;
    }
    const curvature = weight * small * certain * certain;
    const slack = up - weight * p;
    g0 += slack;
    g1 += slack * at;
    h00 += curvature;
    h01 += curvature * at;
    h11 += curvature * at * at;
  }
  loss += Math.log(product);
  const determinant = h00 * h11 - h01 * h01;
  const step: FitPoint['step'] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
  return { intercept, slope, loss, step };
}
