import { cellEvidence } from './cell-evidence.js';
import { nullChiSquared, ofShares, UNDEFINED_CELLS } from './shares.js';
import type { Statistic } from './statistic.js';

/** Largest absolute difference of two vectors of shares. */
export function lInfinityOfShares(p: readonly number[], q: readonly number[]): number {
  return p.reduce((most, share, i) => Math.max(most, Math.abs(share - q[i])), 0);
}

export const lInfinity: Statistic = {
  id: 'l_infinity',
  title: 'L-infinity distance',
  short: 'L-infinity',
  formula: 'largest |p - q| of any cell',
  unit: 'share of rows',
  range: [0, 1],
  appliesTo: ['numeric', 'categorical'],
  undefinedWhen: UNDEFINED_CELLS,
  source: 'NannyML l_infinity; TensorFlow Data Validation',
  bands: { warn: 0.1, fail: 0.2 },
  of: (comparison) => ofShares(comparison, lInfinityOfShares),
  evidence: cellEvidence,
  // Never above the total variation.
  nullBound: (comparison, n) => Math.sqrt(nullChiSquared(comparison) / n) / 2,
};
