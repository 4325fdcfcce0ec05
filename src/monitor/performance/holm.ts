/**
 * P-values adjusted for their number, in the order given: the k-th smallest of n times n - k + 1, never below a smaller
 * one's, at most 1. Keeps the chance of any false finding below the level however the tests depend on each other. Nulls
 * are not counted. Source: Holm 1979; statsmodels multipletests(method="holm").
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const order = pValues.flatMap((p, i) => (p === null ? [] : [{ p, i }])).sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let least = 0;
  order.forEach(({ p, i }, rank) => {
    least = Math.min(1, Math.max(least, p * (order.length - rank)));
    adjusted[i] = least;
  });
  return adjusted;
}
