import { chiSquaredQuantileUpper } from '../../maths/special.js';

/**
 * What PSI does without any drift. Over k cells it is about (1/N + 1/M) X with X chi-squared of k - 1 degrees of
 * freedom, times the design effect when rows are not independent (several per user). Source:
 * Yurdakul 2018.
 */
export interface NullPsi {
  /** Cells with a row on either side. At least 2 are taken: a constant column could have shown a second value. */
  cells: number;
  /** Rows of the reference and of the current window. */
  reference: number;
  current: number;
  /** Variance of the shares relative to independent rows; 1 when they are. */
  designEffect: number;
}

const degrees = (cells: number) => Math.max(cells, 2) - 1;

/** Mean of the PSI of an unchanged feature: (k - 1)(1/N + 1/M) times the design effect. */
export function nullMean({ cells, reference, current, designEffect }: NullPsi): number {
  return (cells - 1) * (1 / reference + 1 / current) * designEffect;
}

/** The value that 99 % of the PSIs of an unchanged feature stay below. Infinity without rows. */
export function nullBound({ cells, reference, current, designEffect }: NullPsi): number {
  return chiSquaredQuantileUpper(0.01, degrees(cells)) * (1 / reference + 1 / current) * designEffect;
}

/**
 * Rows that one window needs, given `otherRows` in the other, so that 99 % of null values stay below `threshold`:
 * 1 / (threshold / (q design effect) - 1 / otherRows) with q the 99 % quantile of chi-squared(k - 1). About 230 for 10
 * cells, 10,000 reference rows and 0.1. Infinity when the other window alone is too small.
 */
export function rowsNeeded(cells: number, otherRows: number, threshold: number, designEffect = 1): number {
  const room = threshold / (chiSquaredQuantileUpper(0.01, degrees(cells)) * designEffect) - 1 / otherRows;
  return room > 0 ? Math.ceil(1 / room) : Infinity;
}
