import { studentTwoSided } from '../../maths/distributions.js';
import { normalQuantile } from '../../maths/special.js';
import { meanOf, varianceOf } from '../profile/moments.js';
import type { Comparison, Side } from './cells.js';
import type { Evidence, Sampling } from './evidence.js';
import { contrastError, groupsOf } from './jackknife.js';
import type { Statistic, StatisticValue } from './statistic.js';

interface Sample {
  n: number;
  mean: number;
  variance: number;
}

function samples({ reference, current }: Comparison): { before: Sample; now: Sample } | string {
  const of = ({ moments }: Comparison[Side & 'reference']): Sample | null => {
    const mean = moments && meanOf(moments);
    const variance = moments && varianceOf(moments);
    return moments === null || mean === null || variance === null
      ? null
      : { n: moments.finite, mean, variance };
  };
  const [before, now] = [of(reference), of(current)];
  return before && now ? { before, now } : 'a window has fewer than two finite values';
}

function measured(comparison: Comparison): StatisticValue {
  const found = samples(comparison);
  if (typeof found === 'string') {
    return { value: null, reason: found };
  }
  const { before, now } = found;
  const shift = now.mean - before.mean;
  const deviation = Math.sqrt((before.variance + now.variance) / 2);
  if (deviation === 0 && shift !== 0) {
    return { value: null, reason: 'the values vary in neither window' };
  }
  return { value: shift === 0 ? 0 : shift / deviation, in_units: shift };
}

/**
 * Welch's t. With several rows per unit its standard error is stretched by what the unit groups do to the mean of the coarse
 * cells (each cell standing for the middle of its values), and the degrees are at most those of the groups.
 */
function evidence(comparison: Comparison, { unitAware }: Sampling): Evidence | null {
  const found = samples(comparison);
  if (typeof found === 'string') {
    return null;
  }
  const { before, now } = found;
  const [a, b] = [before.variance / before.n, now.variance / now.n];
  const spread = unitAware ? contrastError(groupsOf(comparison), cellScores(comparison)) : null;
  if (unitAware && spread === null) {
    return null;
  }
  const stretch = spread === null || spread.independent === 0 ? 1 : (spread.error / spread.independent) ** 2;
  const error = Math.sqrt((a + b) * stretch);
  const shift = now.mean - before.mean;
  const welch = (a + b) ** 2 / (a ** 2 / (before.n - 1) + b ** 2 / (now.n - 1));
  const degrees = spread === null ? welch : Math.min(welch, spread.groups - 1);
  const statistic = shift === 0 ? 0 : shift / error;
  return {
    p: shift === 0 ? 1 : studentTwoSided(statistic, degrees || 1),
    method: 'welch',
    statistic,
    degrees: Number.isFinite(degrees) ? degrees : null,
    designEffect: stretch,
  };
}

/** The middle of each coarse cell's values, from the fine bins of the reference; 0 for nulls. */
function cellScores({ reference, cells }: Comparison): number[] {
  const { bins, counts, moments } = reference;
  if (bins.kind !== 'numeric') {
    return cells.map(() => 0);
  }
  const [sums, weights] = [new Map<number, number>(), new Map<number, number>()];
  counts.forEach((count, i) => {
    const low = i === 0 ? (moments?.min ?? bins.range[0]) : bins.edges[i - 1];
    const high = i === bins.edges.length ? (moments?.max ?? bins.range[1]) : bins.edges[i];
    const cell = bins.coarse[i];
    const weight = count + 1e-9;
    sums.set(cell, (sums.get(cell) ?? 0) + weight * ((Math.min(low, high) + high) / 2));
    weights.set(cell, (weights.get(cell) ?? 0) + weight);
  });
  return cells.map(({ index }) => (sums.has(index) ? sums.get(index)! / weights.get(index)! : 0));
}

export const meanShift: Statistic = {
  id: 'mean_shift',
  title: 'Standardised shift of the mean',
  short: 'mean shift',
  formula:
    '(mean of current - mean of reference) / sqrt((s1^2 + s2^2) / 2), variances with n - 1; finite values',
  unit: 'standard deviations; `in_units` is in units of the column',
  range: [-Infinity, Infinity],
  appliesTo: ['numeric'],
  undefinedWhen:
    'a window has fewer than two finite values, or the values vary in neither window while the means differ',
  source: 'Cohen 1988; Welch 1947; scipy.stats.ttest_ind(equal_var=False)',
  bands: { warn: 0.3, fail: 0.5 },
  of: measured,
  evidence,
  nullBound: (_, n) => normalQuantile(0.995) / Math.sqrt(n),
};
