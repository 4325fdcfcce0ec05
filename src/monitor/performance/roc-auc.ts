import type { Measure } from './measure.js';
import { type Ranking, rankingOf } from './ranking.js';
import { measured } from './sample.js';

/** Weight of pairs in which the positive scores higher, plus half of the ties, over the weight of all pairs. */
export function rocAucOf({ length, positive, negative }: Ranking): number {
  let above = 0;
  let below = 0;
  let pairs = 0;
  for (let i = 0; i < length; i++) {
    pairs += negative[i] * (above + positive[i] / 2);
    above += positive[i];
    below += negative[i];
  }
  return pairs / (above * below);
}

/** P(score of a positive > score of a negative) + P(equal) / 2: 0.5 is chance, 1 perfect. O(n log n). */
export const rocAuc: Measure = {
  id: 'roc_auc',
  title: 'ROC AUC',
  range: [0, 1],
  better: 'higher',
  needs: 'both_classes',
  probabilities: false,
  undefinedWhen: 'one class is missing',
  source: 'Hanley and McNeil 1982; scikit-learn roc_auc_score',
  of: (labels, scores, weights) =>
    measured(rocAuc, [labels, scores, weights], () => rocAucOf(rankingOf(labels, scores, weights))),
};
