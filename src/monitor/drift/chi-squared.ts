import { cellEvidence } from './cell-evidence.js';
import { type Comparison, countsOf } from './cells.js';
import { pearsonStatistic } from './evidence.js';
import { nullChiSquared, ofShares, UNDEFINED_CELLS } from './shares.js';
import type { Statistic } from './statistic.js';

/**
 * Pearson's X2 as an effect: Cramer's V does not grow with the rows, X2 does. No continuity correction. It depends on how
 * the rows are split between the windows, so compare it over windows of like size.
 */
export const chiSquared: Statistic = {
  id: 'chi_squared',
  title: "Chi-squared, as Cramer's V",
  short: "Cramer's V",
  formula: 'sqrt(X2 / (N + M)), X2 of the 2 x k table of counts',
  unit: 'none',
  range: [0, 1],
  appliesTo: ['numeric', 'categorical'],
  undefinedWhen: UNDEFINED_CELLS,
  source: 'Pearson 1900, Cramer 1946; scipy.stats.contingency.association(method="cramer")',
  bands: { warn: 0.1, fail: 0.3 },
  of: (comparison) =>
    ofShares(comparison, () => {
      const table = {
        reference: countsOf(comparison, 'reference'),
        current: countsOf(comparison, 'current'),
      };
      return Math.min(1, Math.sqrt(pearsonStatistic(table) / allRows(comparison)));
    }),
  evidence: cellEvidence,
  // V is sqrt(X2 / (N + M)), and N + M is never below 4 N M / (N + M).
  nullBound: (comparison, n) => Math.min(1, Math.sqrt(nullChiSquared(comparison) / (4 * n))),
};

function allRows({ reference, current }: Comparison): number {
  return reference.rows + current.rows;
}
