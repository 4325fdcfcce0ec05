import { quantileSorted, sortedWithoutNaN } from '../../../maths/sorted.js';
import { bandOf } from '../feature.js';
import { psiOfShares } from '../psi.js';
import type { CompatSystem } from './compat.js';
import { histogram } from './histogram.js';

/**
 * The PSI of the described system (section 12), to the last digit, for users who migrate with their thresholds.
 * Edges are the distinct deciles of the reference, bins [a, b) with the last one closed, current values outside
 * the reference range are dropped and the rest renormalised, shares are clipped to [1e-6, 1]. NaN are dropped.
 * Fewer than three edges (a constant or empty column) gives 0.
 *
 * Known to be wrong: half of all values moved by +100 gives 0.0018. Use it to compare, not to judge.
 * Source: the described system's drift.py (numpy quantile, unique, histogram).
 */
export function section12Psi(reference: Float64Array, current: Float64Array, bins = 10): number {
  const sorted = sortedWithoutNaN(reference);
  const edges = section12Edges(sorted, bins);
  if (edges.length < 3) {
    return 0;
  }
  const p = clippedShares(histogram(sorted, edges));
  const q = clippedShares(histogram(sortedWithoutNaN(current), edges));
  return psiOfShares(p, q);
}

/** np.unique(np.quantile(values, np.linspace(0, 1, bins + 1))) of sorted values. */
function section12Edges(sorted: Float64Array, bins: number): number[] {
  const edges: number[] = [];
  const step = 1 / bins;
  for (let i = 0; i <= bins && sorted.length > 0; i++) {
    const edge = quantileSorted(sorted, i === bins ? 1 : i * step);
    if (edge !== edges.at(-1)) {
      edges.push(edge);
    }
  }
  return edges;
}

function clippedShares(counts: readonly number[]): number[] {
  const rows = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return counts.map((count) => Math.min(1, Math.max(1e-6, count / rows)));
}

export const section12: CompatSystem = {
  id: 'section-12',
  title: 'the described system',
  rule: 'section-12: reference deciles, values outside dropped, shares clipped at 1e-6',
  source: "the described system's drift.py",
  statistics: { numeric: ['psi'], categorical: [] },
  compare: ({ reference, current }, { warn, fail }) => {
    const value = section12Psi(reference as Float64Array, current as Float64Array);
    return {
      statistic: 'psi',
      value,
      p_value: null,
      threshold: { lower: null, upper: fail },
      status: bandOf(value, warn, fail),
      chunks: [],
    };
  },
};
