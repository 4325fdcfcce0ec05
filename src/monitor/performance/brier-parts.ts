import type { Measure } from './measure.js';
import { equalCountBins, type ReliabilityBin } from './reliability.js';
import { measured } from './sample.js';

/**
 * Murphy's parts of the Brier score over the bins of the reliability table: Brier = reliability - resolution +
 * uncertainty + within. With N rows, n_k of them in bin k, mean score s_k, share of positives y_k, and y over all:
 *
 * - reliability = sum n_k (s_k - y_k)^2 / N: what bad calibration costs.
 * - resolution = sum n_k (y_k - y)^2 / N: what telling users apart gains.
 * - uncertainty = y (1 - y): what the world costs whoever knows its rate only.
 * - within: the rest, from scores that differ inside a bin; 0 when each bin holds one score.
 *
 * Source: Murphy 1973; Stephenson, Coelho and Jolliffe 2008 (within).
 */
export interface BrierParts {
  reliability: number;
  resolution: number;
  uncertainty: number;
}

/** The parts of a reliability table that holds any weight. */
export function brierPartsOf(bins: readonly ReliabilityBin[]): BrierParts {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  const mean = (of: (bin: ReliabilityBin) => number) =>
    bins.reduce((sum, bin) => sum + bin.rows * of(bin), 0) / rows;
  const base = mean(({ rate }) => rate);
  return {
    reliability: mean(({ score, rate }) => (score - rate) ** 2),
    resolution: mean(({ rate }) => (rate - base) ** 2),
    uncertainty: base * (1 - base),
  };
}

/** See BrierParts: 0 is calibrated. */
export const brierReliability: Measure = {
  id: 'brier_reliability',
  title: 'Reliability part of the Brier score, 10 equal-count bins',
  range: [0, 1],
  better: 'lower',
  needs: 'rows',
  probabilities: true,
  undefinedWhen: 'there are no rows',
  source: 'Murphy 1973',
  of: (labels, scores, weights) =>
    measured(
      brierReliability,
      [labels, scores, weights],
      () => brierPartsOf(equalCountBins(labels, scores, weights)).reliability,
    ),
};

/** See BrierParts: 0 when all bins churn alike, at most rate (1 - rate). */
export const brierResolution: Measure = {
  id: 'brier_resolution',
  title: 'Resolution part of the Brier score, 10 equal-count bins',
  range: [0, 0.25],
  better: 'higher',
  needs: 'rows',
  probabilities: true,
  undefinedWhen: 'there are no rows',
  source: 'Murphy 1973',
  of: (labels, scores, weights) =>
    measured(
      brierResolution,
      [labels, scores, weights],
      () => brierPartsOf(equalCountBins(labels, scores, weights)).resolution,
    ),
};
