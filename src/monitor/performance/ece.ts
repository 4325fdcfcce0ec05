import { finiteSorted, lowerBound, quantileSorted } from '../../maths/sorted.js';
import type { Measure, Scores } from './measure.js';
import { measured } from './sample.js';

const BINS = 10;

/** Weighted mean over bins of |mean score - share of positives|. */
function calibrationGap(
  binOf: (score: number) => number,
  labels: Uint8Array,
  scores: Scores,
  weights?: Float64Array,
): number {
  const gaps = new Float64Array(BINS);
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights ? weights[i] : 1;
    gaps[binOf(scores[i])] += weight * (scores[i] - labels[i]);
    total += weight;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
}

/** Inner edges at quantiles of the scores of positive weight; fewer bins where they would hold fewer than two rows. */
function countEdges(scores: Scores, weights?: Float64Array): number[] {
  const sorted = finiteSorted(Float64Array.from(scores).filter((_, i) => !weights || weights[i] > 0));
  const bins = Math.max(1, Math.min(BINS, Math.floor(sorted.length / 2)));
  return Array.from({ length: bins - 1 }, (_, i) => quantileSorted(sorted, (i + 1) / bins));
}

/**
 * Expected calibration error: sum over bins of (rows in bin / rows) |mean score - share of positives|, over 10
 * bins of about equally many rows: cut at quantiles of the scores, (low, high], so that equal scores share a bin.
 * Below 20 rows there are only half as many bins as rows. 0 is calibrated.
 */
export const ece: Measure = {
  id: 'ece',
  title: 'Expected calibration error, 10 equal-count bins',
  range: [0, 1],
  better: 'lower',
  needs: 'both_classes',
  probabilities: true,
  undefinedWhen: 'one class is missing',
  source: "Naeini et al. 2015; scikit-learn calibration_curve(strategy='quantile')",
  of: (labels, scores, weights) =>
    measured(ece, [labels, scores, weights], () => {
      const edges = countEdges(scores, weights);
      return calibrationGap((score) => lowerBound(edges, score), labels, scores, weights);
    }),
};

/** The same over 10 bins of equal width: [0, 0.1), [0.1, 0.2) and so on, 1 in the last. */
export const eceEqualWidth: Measure = {
  id: 'ece_equal_width',
  title: 'Expected calibration error, 10 equal-width bins',
  range: [0, 1],
  better: 'lower',
  needs: 'rows',
  probabilities: true,
  undefinedWhen: 'there are no rows',
  source: "Guo et al. 2017; scikit-learn calibration_curve(strategy='uniform')",
  of: (labels, scores, weights) =>
    measured(eceEqualWidth, [labels, scores, weights], () =>
      calibrationGap((score) => Math.min(BINS - 1, Math.floor(score * BINS)), labels, scores, weights),
    ),
};
