import { normalQuantile } from '../../maths/special.js';
import { meanOf, varianceOf } from '../profile/moments.js';
import type { ColumnProfile } from '../profile/profile.js';
import { type CdfStep, cdfEvidence, cdfSteps, noCdf } from './cdf.js';
import type { Comparison } from './cells.js';
import type { Statistic, StatisticValue } from './statistic.js';

/** Values of one window within a fine bin are taken as evenly spread over the part of it between min and max. */
interface Spread {
  low: number;
  high: number;
  share: number;
  /** Distribution function just below `low`. */
  below: number;
}

function spreads(steps: readonly CdfStep[], shares: readonly number[], { moments }: ColumnProfile): Spread[] {
  const [min, max] = [moments?.min ?? 0, moments?.max ?? 0];
  let below = 0;
  return steps.flatMap(({ lower, upper }, i) => {
    const share = shares[i];
    const spread = { low: Math.max(lower, min), high: Math.min(upper, max), share, below };
    below += share;
    return share === 0 ? [] : [spread];
  });
}

/** The distribution function at `x`, or its limit from below, where a jump at `x` has not happened yet. */
function cdfAt(list: readonly Spread[], x: number, limit: boolean): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const past = limit ? list[middle].high < x : list[middle].high <= x;
    [from, to] = past ? [middle + 1, to] : [from, middle];
  }
  if (from === list.length) {
    return 1;
  }
  const { low, high, share, below } = list[from];
  return x <= low ? below : below + (share * (x - low)) / (high - low);
}

/** The area between two distribution functions that are straight between the knots. */
function areaBetween(reference: readonly Spread[], current: readonly Spread[]): number {
  const ends = [...reference, ...current].flatMap(({ low, high }) => [low, high]);
  const knots = Float64Array.from(new Set(ends)).sort();
  const difference = (x: number, limit: boolean) => cdfAt(reference, x, limit) - cdfAt(current, x, limit);
  let area = 0;
  let before = 0;
  knots.forEach((x, i) => {
    if (i > 0) {
      const after = difference(x, true);
      const width = x - knots[i - 1];
      area +=
        before * after >= 0
          ? (width * Math.abs(before + after)) / 2
          : (width * (before * before + after * after)) / (2 * (Math.abs(before) + Math.abs(after)));
    }
    before = difference(x, false);
  });
  return area;
}

function measured(comparison: Comparison): StatisticValue {
  const { reference, current } = comparison;
  const reason = noCdf(comparison) ?? infinities(reference) ?? infinities(current);
  if (reason !== null) {
    return { value: null, reason };
  }
  const steps = cdfSteps(comparison);
  const before = spreads(
    steps,
    steps.map((step) => step.reference),
    reference,
  );
  const now = spreads(
    steps,
    steps.map((step) => step.current),
    current,
  );
  const unknown = [...before, ...now].reduce(
    (sum, { low, high, share }) => sum + (share * (high - low)) / 2,
    0,
  );
  // The true distance is at least the difference of the means, which are exact.
  const shift = Math.abs((meanOf(reference.moments!) ?? 0) - (meanOf(current.moments!) ?? 0));
  const area = Math.max(areaBetween(before, now), same(reference, current) ? 0 : shift);
  const deviation = Math.sqrt(varianceOf(reference.moments!) ?? 0);
  if (deviation === 0) {
    return area === 0 ? { value: 0 } : { value: null, reason: 'the reference does not vary' };
  }
  return { value: area / deviation, error: unknown / deviation, in_units: area };
}

/** Sums of the same rows can differ in their last digit when they were added in another order. */
function same(reference: ColumnProfile, current: ColumnProfile): boolean {
  return reference.rows === current.rows && reference.counts.every((count, i) => count === current.counts[i]);
}

function infinities({ rows, nulls, moments }: ColumnProfile): string | null {
  return moments !== null && moments.finite < rows - nulls ? 'a window holds infinite values' : null;
}

/** How far the values moved on average, over the reference's standard deviation (divisor n - 1). */
export const wasserstein: Statistic = {
  id: 'wasserstein',
  title: 'Wasserstein-1 distance over the standard deviation',
  short: 'Wasserstein',
  formula:
    'area between F and G over the standard deviation of the reference (n - 1); values spread evenly within fine bins, `error` bounds what that can miss',
  unit: "the reference's standard deviations; `in_units` is in units of the column",
  range: [0, Infinity],
  appliesTo: ['numeric'],
  undefinedWhen:
    'a window has no values or infinite ones, or the reference does not vary while the current values differ',
  source: 'Vallender 1974; scipy.stats.wasserstein_distance',
  bands: { warn: 0.3, fail: 0.5 },
  of: measured,
  evidence: cdfEvidence,
  nullBound: (comparison, n) => (normalQuantile(0.995) * nullWidth(comparison)) / Math.sqrt(n),
};

/** Integral of sqrt(F (1 - F)) of the reference in standard deviations: sqrt(n) |F - G| is about sqrt(F (1 - F)) |Z| at each point. */
function nullWidth(comparison: Comparison): number {
  const { reference } = comparison;
  const steps = cdfSteps(comparison);
  const list = spreads(
    steps,
    steps.map((step) => step.reference),
    reference,
  );
  const deviation = Math.sqrt(varianceOf(reference.moments!) ?? 0);
  const width = list.reduce((sum, { low, high, share, below }) => {
    const middle = below + share / 2;
    return sum + (high - low) * Math.sqrt(Math.max(0, middle * (1 - middle)));
  }, 0);
  return deviation === 0 ? 0 : width / deviation;
}
