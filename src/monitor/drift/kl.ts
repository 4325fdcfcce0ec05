import { cellEvidence } from './cell-evidence.js';
import { countsOf } from './cells.js';
import { jeffreysShares } from './psi.js';
import { nullChiSquared, ofShares, UNDEFINED_CELLS } from './shares.js';
import type { Statistic } from './statistic.js';

/** Kullback-Leibler divergence of q from p: sum q ln(q / p), nats. Infinity where p is 0 and q is not. */
export function klOfShares(p: readonly number[], q: readonly number[]): number {
  return q.reduce((sum, share, i) => sum + (share === 0 ? 0 : share * Math.log(share / p[i])), 0);
}

/** What a code made for the reference wastes on the current rows. Not symmetric. */
export const kl: Statistic = {
  id: 'kl',
  title: 'Kullback-Leibler divergence of current from reference',
  short: 'KL',
  formula: 'sum over cells of q ln(q / p), shares smoothed by Jeffreys',
  unit: 'nats',
  range: [0, Infinity],
  appliesTo: ['numeric', 'categorical'],
  undefinedWhen: UNDEFINED_CELLS,
  source: 'Kullback and Leibler 1951; scipy.stats.entropy(q, p)',
  bands: { warn: 0.05, fail: 0.125 },
  of: (comparison) =>
    ofShares(comparison, () =>
      Math.max(
        0,
        klOfShares(
          jeffreysShares(countsOf(comparison, 'reference')),
          jeffreysShares(countsOf(comparison, 'current')),
        ),
      ),
    ),
  evidence: cellEvidence,
  nullBound: (comparison, n) => nullChiSquared(comparison) / (2 * n),
};
