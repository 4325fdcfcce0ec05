import { cellEvidence } from './cell-evidence.js';
import { nullChiSquared, ofShares, UNDEFINED_CELLS } from './shares.js';
import type { Statistic } from './statistic.js';

/** Half the sum of the absolute differences of two vectors of shares. */
export function totalVariationOfShares(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, i) => sum + Math.abs(share - q[i]), 0) / 2;
}

/** The share of rows that would have to change their cell. */
export const totalVariation: Statistic = {
  id: 'total_variation',
  title: 'Total variation distance',
  short: 'total variation',
  formula: 'half the sum of |p - q|',
  unit: 'share of rows',
  range: [0, 1],
  appliesTo: ['numeric', 'categorical'],
  undefinedWhen: UNDEFINED_CELLS,
  source: 'Levin and Peres 2017; Evidently TVD',
  bands: { warn: 0.13, fail: 0.2 },
  of: (comparison) => ofShares(comparison, (p, q) => Math.min(1, totalVariationOfShares(p, q))),
  evidence: cellEvidence,
  // By Cauchy and Schwarz (sum |q - p|)^2 is at most X2 / n.
  nullBound: (comparison, n) => Math.sqrt(nullChiSquared(comparison) / n) / 2,
};
