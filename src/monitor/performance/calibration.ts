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
  const x = new Float64Array(scores.length);
  for (let i = 0; i < x.length; i++) {
    x[i] = logit(scores[i]);
  }
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
  let at = pointAt(0, 1, labels, x, weights);
  for (let round = 0; round < 100; round++) {
    const [intercept, slope] = at.step;
    let scale = 1;
    let next = pointAt(at.intercept + intercept, at.slope + slope, labels, x, weights);
    while (!(next.loss <= at.loss + 1e-12 * Math.abs(at.loss)) && scale > 1e-10) {
      scale /= 2;
      next = pointAt(at.intercept + scale * intercept, at.slope + scale * slope, labels, x, weights);
    }
    at = next;
    if (Math.abs(intercept) + Math.abs(slope) < 1e-10 * (1 + Math.abs(at.intercept) + Math.abs(at.slope))) {
      return { slope: at.slope, intercept: at.intercept };
    }
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

/** Loss, gradient and curvature in one pass. */
function pointAt(
  intercept: number,
  slope: number,
  labels: Uint8Array,
  x: Float64Array,
  weights?: Float64Array,
): FitPoint {
  let [loss, g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const weight = weights ? weights[i] : 1;
    const odds = intercept + slope * x[i];
    const small = Math.exp(-Math.abs(odds));
    const p = odds >= 0 ? 1 / (1 + small) : small / (1 + small);
    const wrong = labels[i] === 1 ? -odds : odds;
    loss += weight * (Math.log1p(small) + (wrong > 0 ? wrong : 0));
    const curvature = weight * p * (1 - p);
    const slack = weight * (labels[i] - p);
    g0 += slack;
    g1 += slack * x[i];
    h00 += curvature;
    h01 += curvature * x[i];
    h11 += curvature * x[i] * x[i];
  }
  const determinant = h00 * h11 - h01 * h01;
  const step: FitPoint['step'] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
  return { intercept, slope, loss, step };
}
