/** How sure it is that anything moved at all. */
export interface Evidence {
  /** Chance of a difference at least as large without any drift, 0..1. */
  p: number;
  method:
    | 'pearson'
    | 'permutation'
    | 'rao_scott'
    | 'kolmogorov_smirnov'
    | 'welch'
    | 'two_proportions'
    | 'jackknife'
    | 'exceedance';
  /** What is compared with its null distribution (X2, scaled D, t, z), and the degrees of freedom where it has some. */
  statistic: number;
  degrees: number | null;
  /** How many rows are worth one independent row; 1 for independent rows. */
  designEffect: number;
  /** 95 % interval of the effect, where the method gives one. */
  interval?: [number, number];
}

/** How the rows of both windows came about. */
export interface Sampling {
  /** Units (users) have several rows in at least one window, so evidence comes from unit groups. */
  unitAware: boolean;
  /** Seeds a permutation. */
  seed: number | string;
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
