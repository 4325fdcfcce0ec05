import { averagePrecision, averagePrecisionOf } from './average-precision.js';
import type { Measured, Scores } from './measure.js';
import { rankingOf } from './ranking.js';
import { rocAuc, rocAucOf } from './roc-auc.js';
import { checkSample, whyUndefined } from './sample.js';

/** ROC AUC and average precision from one sorting: half the time of asking for each. Same values, same reasons. */
export function rankedMeasures(
  labels: Uint8Array,
  scores: Scores,
  weights?: Float64Array,
): { roc_auc: Measured; pr_auc: Measured } {
  const classes = checkSample(labels, scores, weights, false);
  const ranking = rankingOf(labels, scores, weights);
  const answer = (reason: string | null, compute: () => number): Measured =>
    reason === null ? { value: compute() } : { value: null, reason };
  return {
    roc_auc: answer(whyUndefined(rocAuc.needs, classes), () => rocAucOf(ranking)),
    pr_auc: answer(whyUndefined(averagePrecision.needs, classes), () => averagePrecisionOf(ranking)),
  };
}
