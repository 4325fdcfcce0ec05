/** How p-values of one check are adjusted for having looked at several features. */
export type Adjustment = 'benjamini_hochberg' | 'benjamini_yekutieli' | 'none';

/**
 * p-values adjusted for having looked at m features, in the order given: the adjusted value of the i-th smallest
 * is the least of m p(j) / j over j >= i, at most 1. Calling every feature with an adjusted value up to 0.05
 * drifted keeps the expected share of false calls among them at 5 %. Never below the p-value itself.
 *
 * Source: Benjamini and Hochberg 1995; scipy.stats.false_discovery_control.
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[b] - p[a]);
  const adjusted = new Array<number>(p.length);
  let least = 1;
  order.forEach((place, i) => {
    const rank = p.length - i;
    least = Math.min(least, (p[place] * p.length) / rank);
    adjusted[place] = Math.max(least, p[place]);
  });
  return adjusted;
}

/**
 * The same, m times the harmonic number of m instead of m: holds however the features depend on each other, at the price
 * of power. Source: Benjamini and Yekutieli 2001; scipy.stats.false_discovery_control(method='by').
 */
export function benjaminiYekutieli(p: readonly number[]): number[] {
  const harmonic = p.reduce((sum, _, i) => sum + 1 / (i + 1), 0);
  return benjaminiHochberg(p).map((value) => Math.min(1, value * harmonic));
}

export function adjust(p: readonly number[], adjustment: Adjustment): number[] {
  switch (adjustment) {
    case 'benjamini_hochberg':
      return benjaminiHochberg(p);
    case 'benjamini_yekutieli':
      return benjaminiYekutieli(p);
    case 'none':
      return [...p];
  }
}
