import type { Moments, NumericBins } from './profile.js';

/** Where sums are taken about: the middle edge of the bins, or 0 without edges. Every counter has to use it. */
export function pivotOf(bins: NumericBins): number {
  return bins.edges.length === 0 ? 0 : bins.edges[bins.edges.length >> 1];
}

/** Mean of the finite values, in units of the column; null without any. */
export function meanOf(moments: Moments): number | null {
  return moments.finite === 0 ? null : moments.pivot + moments.sum / moments.finite;
}

/** Variance of the finite values with divisor n - 1; null with fewer than two. */
export function varianceOf(moments: Moments): number | null {
  if (moments.finite < 2) {
    return null;
  }
  const squares = moments.sum_squares - moments.sum ** 2 / moments.finite;
  return Math.max(0, squares) / (moments.finite - 1);
}
