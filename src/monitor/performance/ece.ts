import type { Measure } from './measure.js';
import { equalCountBins, equalWidthBins, type ReliabilityBin } from './reliability.js';
import { measured } from './sample.js';

/** Mean over rows of the distance between what their bin was told and what happened in it. */
export function meanGap(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return bins.reduce((sum, { rows, score, rate }) => sum + rows * Math.abs(score - rate), 0) / total;
}

/**
 * Expected calibration error: sum over bins of (rows in bin / rows) |mean score - share of positives|, over 10
 * bins of about equally many rows (`equalCountBins`). 0 is calibrated. A small sample is never at 0: noise of the
 * shares alone gives about sqrt(rate (1 - rate) bins / rows).
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
    measured(ece, [labels, scores, weights], () => meanGap(equalCountBins(labels, scores, weights))),
};

/** The same over 10 bins of equal width. */
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
      meanGap(equalWidthBins(labels, scores, weights)),
    ),
};
