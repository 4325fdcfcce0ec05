import { kolmogorovSurvival } from '../../maths/distributions.js';
import { nextDown } from '../../maths/float.js';
import { cellEvidence } from './cell-evidence.js';
import type { Comparison, Side } from './cells.js';
import type { Evidence, Sampling } from './evidence.js';

/** A fine bin of a numeric column: its upper end, and the shares of the values that it holds. */
export interface CdfStep {
  lower: number;
  upper: number;
  reference: number;
  current: number;
  /** Holds one value only, so that nothing is unknown within it. */
  point: boolean;
}

/** Values (not nulls) of a window. */
export function valuesIn(comparison: Comparison, side: Side): number {
  return comparison[side].rows - comparison[side].nulls;
}

/** Why the distribution of values of a numeric column cannot be told, or null. */
export function noCdf(comparison: Comparison): string | null {
  for (const side of ['reference', 'current'] as const) {
    if (valuesIn(comparison, side) === 0) {
      return `the ${side} window has no values`;
    }
  }
  return null;
}

/** The fine grid as shares of the values of each window. The ends are infinite. */
export function cdfSteps(comparison: Comparison): CdfStep[] {
  const { reference, current } = comparison;
  const edges = reference.bins.kind === 'numeric' ? reference.bins.edges : [];
  const [n, m] = [valuesIn(comparison, 'reference'), valuesIn(comparison, 'current')];
  return reference.counts.map((count, i) => {
    const lower = i === 0 ? -Infinity : edges[i - 1];
    const upper = i === edges.length ? Infinity : edges[i];
    return {
      lower,
      upper,
      reference: count / n,
      current: current.counts[i] / m,
      point: lower === nextDown(upper),
    };
  });
}

/**
 * Evidence that the distribution functions of the values differ. Independent rows: Kolmogorov's limit with n = N M /
 * (N + M) and Stephens' correction for small n. With several rows per unit: that of the cells.
 * Source: Stephens 1970.
 */
export function cdfEvidence(comparison: Comparison, sampling: Sampling): Evidence | null {
  if (sampling.unitAware) {
    return cellEvidence(comparison, sampling);
  }
  const [n, m] = [valuesIn(comparison, 'reference'), valuesIn(comparison, 'current')];
  const root = Math.sqrt((n * m) / (n + m));
  const statistic = largestGap(cdfSteps(comparison)).gap * root;
  return {
    p: kolmogorovSurvival(statistic * (1 + 0.12 / root + 0.11 / root ** 2)),
    method: 'kolmogorov_smirnov',
    statistic,
    degrees: null,
    designEffect: 1,
  };
}

/**
 * The largest difference of the distribution functions at the edges, and the largest that is possible between them: within a
 * bin that holds shares f and g the difference d at its lower end can grow to d + f or fall to d - g.
 */
export function largestGap(steps: readonly CdfStep[]): { gap: number; possible: number } {
  let difference = 0;
  let gap = 0;
  let possible = 0;
  for (const { reference, current, point } of steps) {
    if (!point) {
      possible = Math.max(possible, Math.abs(difference + reference), Math.abs(difference - current));
    }
    difference += reference - current;
    gap = Math.max(gap, Math.abs(difference));
  }
  return { gap: Math.min(1, gap), possible: Math.min(1, Math.max(gap, possible)) };
}
