import { chiSquaredQuantileUpper } from '../../maths/special.js';
import { type Comparison, noValues, sharesOf } from './cells.js';
import type { StatisticValue } from './statistic.js';

/** A statistic of the cells' shares as counted, nulls and unseen values among them. */
export function ofShares(
  comparison: Comparison,
  formula: (p: readonly number[], q: readonly number[]) => number,
): StatisticValue {
  const reason = noValues(comparison);
  return reason === null
    ? { value: formula(sharesOf(comparison, 'reference'), sharesOf(comparison, 'current')) }
    : { value: null, reason };
}

export const UNDEFINED_CELLS = 'a window has no rows, or neither holds a value';

/** The 99 % quantile of Pearson's X2 without drift. At least 2 cells are taken: a constant column could show a second value. */
export function nullChiSquared({ cells }: Comparison): number {
  return chiSquaredQuantileUpper(0.01, Math.max(cells.length, 2) - 1);
}
