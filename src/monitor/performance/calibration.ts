import { EPSILON } from './log-loss.js';
import type { Scores } from './measure.js';
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
  const classes = checkSample(labels, scores, weights, true);
  let expected = 0;
  for (let i = 0; i < scores.length; i++) {
    expected += scores[i] * (weights?.[i] ?? 1);
  }
  const counts = { expected, observed: classes.positive };
  const x = Float64Array.from(scores, logit);
  const reason = whyUndefined('both_classes', classes) ?? whyNoFit(labels, x, weights);
  return reason === null
    ? { ...counts, ...fit(labels, x, weights) }
    : { ...counts, slope: null, intercept: null, reason };
}

function logit(score: number): number {
  const clipped = Math.min(Math.max(score, EPSILON), 1 - EPSILON);
  return Math.log(clipped / (1 - clipped));
}

function whyNoFit(labels: Uint8Array, x: Float64Array, weights?: Float64Array): string | null {
  const least = [Infinity, Infinity];
  const most = [-Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    if (!weights || weights[i] > 0) {
      least[labels[i]] = Math.min(least[labels[i]], x[i]);
      most[labels[i]] = Math.max(most[labels[i]], x[i]);
    }
  }
  if (Math.min(...least) === Math.max(...most)) {
    return 'all scores are equal';
  }
  return most[0] <= least[1] || most[1] <= least[0] ? 'a score separates the classes completely' : null;
}

function fit(
  labels: Uint8Array,
  x: Float64Array,
  weights?: Float64Array,
): Omit<Calibration, 'expected' | 'observed'> {
  let [intercept, slope] = [0, 1];
  let loss = lossAt(intercept, slope, labels, x, weights);
  for (let round = 0; round < 100; round++) {
    const [stepIntercept, stepSlope] = newtonStep(intercept, slope, labels, x, weights);
    let scale = 1;
    let next = lossAt(intercept + stepIntercept, slope + stepSlope, labels, x, weights);
    while (!(next <= loss + 1e-12 * Math.abs(loss)) && scale > 1e-10) {
      scale /= 2;
      next = lossAt(intercept + scale * stepIntercept, slope + scale * stepSlope, labels, x, weights);
    }
    intercept += scale * stepIntercept;
    slope += scale * stepSlope;
    loss = next;
    if (Math.abs(stepIntercept) + Math.abs(stepSlope) < 1e-10 * (1 + Math.abs(intercept) + Math.abs(slope))) {
      return { slope, intercept };
    }
  }
  return { slope: null, intercept: null, reason: 'the logistic fit did not converge' };
}

function lossAt(
  intercept: number,
  slope: number,
  labels: Uint8Array,
  x: Float64Array,
  weights?: Float64Array,
): number {
  let loss = 0;
  for (let i = 0; i < x.length; i++) {
    const margin = (intercept + slope * x[i]) * (labels[i] === 1 ? 1 : -1);
    loss +=
      (weights?.[i] ?? 1) *
      (margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin);
  }
  return loss;
}

function newtonStep(
  intercept: number,
  slope: number,
  labels: Uint8Array,
  x: Float64Array,
  weights?: Float64Array,
): [number, number] {
  let [g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const weight = weights?.[i] ?? 1;
    const p = 1 / (1 + Math.exp(-(intercept + slope * x[i])));
    const curvature = weight * p * (1 - p);
    g0 += weight * (labels[i] - p);
    g1 += weight * (labels[i] - p) * x[i];
    h00 += curvature;
    h01 += curvature * x[i];
    h11 += curvature * x[i] * x[i];
  }
  const determinant = h00 * h11 - h01 * h01;
  return [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
}
