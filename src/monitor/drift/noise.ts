/**
 * Rows that one window needs, given `otherRows` in the other, so that 99 % of unchanged features stay below
 * `threshold`: `bound` (see Statistic.nullBound) falls with the number of independent rows n = N M / (N + M), and
 * `designEffect` rows are worth one. Infinity when the other window alone is too small.
 */
export function rowsNeeded(
  bound: (n: number) => number,
  otherRows: number,
  threshold: number,
  designEffect = 1,
): number {
  let [few, enough] = [0, 1];
  while (bound(enough) >= threshold) {
    if (enough > otherRows) {
      return Infinity;
    }
    [few, enough] = [enough, enough * 2];
  }
  for (let i = 0; i < 100 && enough - few > 1e-12 * enough; i++) {
    const middle = (few + enough) / 2;
    [few, enough] = bound(middle) < threshold ? [few, middle] : [middle, enough];
  }
  const needed = enough * designEffect;
  return needed < otherRows ? Math.ceil((needed * otherRows) / (otherRows - needed)) : Infinity;
}

/** Independent rows that a comparison of two windows is worth. */
export function worth(reference: number, current: number, designEffect = 1): number {
  return (reference * current) / (reference + current) / Math.max(1, designEffect);
}
