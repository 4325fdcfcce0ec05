import { cellEvidence } from './cell-evidence.js';
import { nullChiSquared, ofShares, UNDEFINED_CELLS } from './shares.js';
import type { Statistic } from './statistic.js';

/** Jensen-Shannon distance of two vectors of shares; the unit of the logarithm is `base`. */
export function jensenShannonOfShares(p: readonly number[], q: readonly number[], base = 2): number {
  const term = (share: number, other: number) =>
    share === 0 ? 0 : share * Math.log(share / ((share + other) / 2));
  const divergence = p.reduce((sum, share, i) => sum + (term(share, q[i]) + term(q[i], share)) / 2, 0);
  return Math.sqrt(Math.max(0, divergence) / Math.log(base));
}

/** The distance in base 2. Others report it in base e (at most 0.8326), or its square, the divergence. */
export const jensenShannon: Statistic = {
  id: 'jensen_shannon',
  title: 'Jensen-Shannon distance, base 2',
  short: 'Jensen-Shannon',
  formula: 'sqrt((KL(p, m) + KL(q, m)) / 2) with m = (p + q) / 2, in bits',
  unit: 'square root of bits',
  range: [0, 1],
  appliesTo: ['numeric', 'categorical'],
  undefinedWhen: UNDEFINED_CELLS,
  source: 'Lin 1991; scipy.spatial.distance.jensenshannon(base=2)',
  bands: { warn: 0.13, fail: 0.21 },
  of: (comparison) => ofShares(comparison, (p, q) => Math.min(1, jensenShannonOfShares(p, q))),
  evidence: cellEvidence,
  // The divergence is about X2 / (8 n) nats.
  nullBound: (comparison, n) => Math.sqrt(nullChiSquared(comparison) / (8 * n * Math.LN2)),
};
