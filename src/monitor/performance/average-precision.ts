import type { Measure } from './measure.js';
import { type Ranking, rankingOf } from './ranking.js';
import { measured } from './sample.js';

/** Sum over distinct scores, highest first, of (recall gained) x (precision so far). */
export function averagePrecisionOf({ length, positive, negative }: Ranking): number {
  let truePositives = 0;
  let all = 0;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    truePositives += positive[i];
    all += positive[i] + negative[i];
    if (positive[i] > 0) {
      sum += positive[i] * (truePositives / all);
    }
  }
  return sum / truePositives;
}

/**
 * Average precision: sum (R_i - R_(i-1)) P_i over distinct scores in descending order, no interpolation. Its
 * value by chance is the positive rate, so compare it only at the same rate. Without negatives it is 1 whatever
 * the scores.
 */
export const averagePrecision: Measure = {
  id: 'pr_auc',
  title: 'Average precision (PR AUC)',
  range: [0, 1],
  better: 'higher',
  needs: 'positives',
  probabilities: false,
  undefinedWhen: 'there is no positive row',
  source: 'scikit-learn average_precision_score',
  of: (labels, scores, weights) =>
    measured(averagePrecision, [labels, scores, weights], () =>
      averagePrecisionOf(rankingOf(labels, scores, weights)),
    ),
};
