import { argsortDescending } from '../../maths/argsort.js';
import { normalQuantile, normalSurvival } from '../../maths/special.js';
import type { Scores } from './measure.js';
import type { Interval } from './report.js';

/**
 * ROC AUC split into what each row contributes: positives (V10) and negatives (V01), in row order within the
 * class.
 */
interface Components {
  auc: number;
  ofPositives: Float64Array;
  ofNegatives: Float64Array;
}

/** Midranks of values, 1 for the smallest; ties share their mean rank. */
export function midranks(values: Scores): Float64Array {
  const order = argsortDescending(values);
  const n = order.length;
  const ranks = new Float64Array(n);
  let from = 0;
  while (from < n) {
    let to = from + 1;
    while (to < n && values[order[to]] === values[order[from]]) {
      to++;
    }
    // Places from..to-1 from the top are ranks n - to + 1 .. n - from from the bottom.
    const rank = n - (from + to - 1) / 2;
    for (let i = from; i < to; i++) {
      ranks[order[i]] = rank;
    }
    from = to;
  }
  return ranks;
}

/** V10_i = (rank_all(X_i) - rank_pos(X_i)) / n, V01_j = 1 - (rank_all(Y_j) - rank_neg(Y_j)) / m. O(rows log rows). */
function components(labels: Uint8Array, scores: Scores): Components {
  const all = midranks(scores);
  const ofClass = (label: number) => all.filter((_, i) => labels[i] === label);
  const scoresOf = (label: number) => Float64Array.from(scores).filter((_, i) => labels[i] === label);
  const positives = ofClass(1);
  const negatives = ofClass(0);
  const withinPositives = midranks(scoresOf(1));
  const withinNegatives = midranks(scoresOf(0));
  const ofPositives = positives.map((rank, i) => (rank - withinPositives[i]) / negatives.length);
  const ofNegatives = negatives.map((rank, i) => 1 - (rank - withinNegatives[i]) / positives.length);
  return { auc: mean(ofPositives), ofPositives, ofNegatives };
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function covariance(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum += (a[i] - meanA) * (b[i] - meanB);
  }
  return sum / (a.length - 1);
}

/** ROC AUC and its variance. Independent rows; at least two of each class. */
export function delongVariance(labels: Uint8Array, scores: Scores): { auc: number; variance: number } {
  const { auc, ofPositives, ofNegatives } = components(labels, scores);
  const variance =
    covariance(ofPositives, ofPositives) / ofPositives.length +
    covariance(ofNegatives, ofNegatives) / ofNegatives.length;
  return { auc, variance };
}

/**
 * Interval of ROC AUC for one row per user: DeLong's variance, symmetric on the logit scale, so it stays inside
 * (0, 1). Null at 0 and 1 (the classes do not overlap), where it would claim certainty.
 * Source: DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014 (midranks).
 */
export function delongInterval(labels: Uint8Array, scores: Scores, level = 0.95): Interval | null {
  const { auc, variance } = delongVariance(labels, scores);
  if (auc <= 0 || auc >= 1) {
    return null;
  }
  const z = normalQuantile((1 + level) / 2);
  const centre = Math.log(auc / (1 - auc));
  const reach = (z * Math.sqrt(variance)) / (auc * (1 - auc));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return [back(centre - reach), back(centre + reach)];
}

export interface DelongDifference {
  /** AUC of the second scores less AUC of the first. */
  difference: number;
  standardError: number;
  /** Two-sided p-value of no difference; 1 for identical ranks. */
  p: number;
}

/** Difference of the ROC AUCs of two models on the same independent rows (paired DeLong). */
export function delongDifference(labels: Uint8Array, first: Scores, second: Scores): DelongDifference {
  const a = components(labels, first);
  const b = components(labels, second);
  const positives = b.ofPositives.map((value, i) => value - a.ofPositives[i]);
  const negatives = b.ofNegatives.map((value, i) => value - a.ofNegatives[i]);
  const variance =
    covariance(positives, positives) / positives.length + covariance(negatives, negatives) / negatives.length;
  const difference = b.auc - a.auc;
  const standardError = Math.sqrt(Math.max(0, variance));
  if (standardError === 0) {
    return { difference, standardError, p: difference === 0 ? 1 : 0 };
  }
  return { difference, standardError, p: 2 * normalSurvival(Math.abs(difference) / standardError) };
}
