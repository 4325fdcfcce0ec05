/** How sure it is that anything moved at all. */
export interface Evidence {
  /** Chance of a difference at least as large without any drift, 0..1. */
  p: number;
  method: 'pearson' | 'permutation' | 'rao_scott';
  /** Pearson's X2 over the unsmoothed counts, and the degrees of freedom it is compared with. */
  statistic: number;
  degrees: number;
  /** How many rows are worth one independent row; 1 for independent rows. */
  designEffect: number;
}

/** A 2 x k table of counts: the same cells in both windows, none empty in both. */
export interface CountTable {
  reference: readonly number[];
  current: readonly number[];
}

/**
 * Pearson's X2 of a 2 x k table: sum (observed - expected)^2 / expected with expected = row total x column total
 * / total, no continuity correction. Written as N M / (N + M) times sum (q - p)^2 / pooled share.
 */
export function pearsonStatistic({ reference, current }: CountTable): number {
  const n = total(reference);
  const m = total(current);
  if (n === 0 || m === 0) {
    return 0;
  }
  let sum = 0;
  for (let i = 0; i < reference.length; i++) {
    const pooled = reference[i] + current[i];
    if (pooled > 0) {
      sum += (current[i] * n - reference[i] * m) ** 2 / pooled;
    }
  }
  return sum / n / m;
}

/** Smallest expected count of any cell. */
export function smallestExpected({ reference, current }: CountTable): number {
  const n = total(reference);
  const m = total(current);
  const smallest = Math.min(...reference.map((count, i) => count + current[i]));
  return (smallest * Math.min(n, m)) / (n + m);
}

export function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
