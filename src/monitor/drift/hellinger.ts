import { cellEvidence } from './cell-evidence.js';
import { nullChiSquared, ofShares, UNDEFINED_CELLS } from './shares.js';
import type { Statistic } from './statistic.js';

/** Hellinger distance of two vectors of shares. Written as half a sum of squares: 1 - sum sqrt(p q) cancels near 0. */
export function hellingerOfShares(p: readonly number[], q: readonly number[]): number {
  const squares = p.reduce((sum, share, i) => sum + (Math.sqrt(share) - Math.sqrt(q[i])) ** 2, 0);
  return Math.sqrt(squares / 2);
}

export const hellinger: Statistic = {
  id: 'hellinger',
  title: 'Hellinger distance',
  short: 'Hellinger',
  formula: 'sqrt(1 - sum of sqrt(p q))',
  unit: 'none',
  range: [0, 1],
  appliesTo: ['numeric', 'categorical'],
  undefinedWhen: UNDEFINED_CELLS,
  source: 'Hellinger 1909; Evidently hellinger',
  bands: { warn: 0.11, fail: 0.18 },
  of: (comparison) => ofShares(comparison, (p, q) => Math.min(1, hellingerOfShares(p, q))),
  evidence: cellEvidence,
  // The square is about X2 / (8 n).
  nullBound: (comparison, n) => Math.sqrt(nullChiSquared(comparison) / (8 * n)),
};
