import { argsortDescending } from '../../maths/argsort.js';
import { normalSurvival } from '../../maths/special.js';
import type { Scores } from './measure.js';
import { type Ranking, totalsOf } from './ranking.js';
import { rocAucOf } from './roc-auc.js';

/** ROC AUC split into what each row contributes: V10 of a positive, V01 of a negative. */
export interface AucComponents {
  auc: number;
  positives: number;
  negatives: number;
  /** In row order. The mean over the rows of either class is the AUC. */
  ofRow: Float64Array;
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

/**
 * V10_i = (rank_all(X_i) - rank_pos(X_i)) / n and V01_j = 1 - (rank_all(Y_j) - rank_neg(Y_j)) / m for n negatives and m
 * positives, both classes present. O(rows log rows).
 */
export function aucComponents(labels: Uint8Array, scores: Scores): AucComponents {
  const all = midranks(scores);
  const withinPositives = midranks(scores.filter((_, row) => labels[row] === 1));
  const withinNegatives = midranks(scores.filter((_, row) => labels[row] === 0));
  const [positives, negatives] = [withinPositives.length, withinNegatives.length];
  const ofRow = new Float64Array(labels.length);
  let i = 0;
  let j = 0;
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1) {
      ofRow[row] = (all[row] - withinPositives[i++]) / negatives;
      sum += ofRow[row];
    } else {
      ofRow[row] = 1 - (all[row] - withinNegatives[j++]) / positives;
    }
  }
  return { auc: sum / positives, positives, negatives, ofRow };
}

/** S10 / m + S01 / n: the sample variance of each class's contributions over its size. */
function varianceOf(labels: Uint8Array, contributions: Float64Array, positives: number): number {
  const sizes = [labels.length - positives, positives];
  const sums = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    sums[labels[row]] += contributions[row];
  }
  const means = sums.map((sum, label) => sum / sizes[label]);
  const squares = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    squares[labels[row]] += (contributions[row] - means[labels[row]]) ** 2;
  }
  return squares.reduce((sum, square, label) => sum + square / (sizes[label] - 1) / sizes[label], 0);
}

/**
 * ROC AUC and its variance. Independent rows; at least two of each class. Rows of one score contribute alike, so the counts
 * of each score are enough.
 * Source: DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014 (midranks).
 */
export function delongVariance(ranking: Ranking): { auc: number; variance: number } {
  const { length, positive, negative } = ranking;
  const auc = rocAucOf(ranking);
  const { positives, negatives } = totalsOf(ranking);
  let above = 0;
  let below = negatives;
  let square10 = 0;
  let square01 = 0;
  for (let i = 0; i < length; i++) {
    below -= negative[i];
    const ofPositive = (below + negative[i] / 2) / negatives;
    const ofNegative = (above + positive[i] / 2) / positives;
    above += positive[i];
    square10 += positive[i] * (ofPositive - auc) ** 2;
    square01 += negative[i] * (ofNegative - auc) ** 2;
  }
  const variance = square10 / (positives - 1) / positives + square01 / (negatives - 1) / negatives;
  return { auc, variance };
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
  const a = aucComponents(labels, first);
  const b = aucComponents(labels, second);
  const change = b.ofRow.map((value, row) => value - a.ofRow[row]);
  const variance = varianceOf(labels, change, a.positives);
  const difference = b.auc - a.auc;
  const standardError = Math.sqrt(Math.max(0, variance));
  if (standardError === 0) {
    return { difference, standardError, p: difference === 0 ? 1 : 0 };
  }
  return { difference, standardError, p: 2 * normalSurvival(Math.abs(difference) / standardError) };
}
