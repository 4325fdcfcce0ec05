import { kolmogorovSurvival, studentTwoSided } from '../../../../maths/distributions.js';
import { quantileSorted } from '../../../../maths/sorted.js';
import { chiSquaredSurvival } from '../../../../maths/special.js';
import { ecdfGap, energyOfValues, wassersteinOfValues } from '../ecdf.js';
import { sortedNumbers } from '../raw.js';
import { solve } from './solve.js';
import type { StatTest, StatTestValue } from './stattest.js';

type OfSorted = (reference: Float64Array, current: Float64Array) => StatTestValue;

/** A test of numbers; nulls are dropped. */
export function numberTest(name: string, form: StatTest['form'], threshold: number, of: OfSorted): StatTest {
  return {
    name,
    appliesTo: ['numeric'],
    form,
    threshold,
    of: (reference, current) => of(sortedNumbers(reference), sortedNumbers(current)),
  };
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const squaresOf = (values: Float64Array, mean: number) =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0);

/** Over the population deviation of the reference, at least 0.001. */
export const wassersteinTest = numberTest('wasserstein', 'distance', 0.1, (reference, current) => {
  const deviation = Math.sqrt(squaresOf(reference, meanOf(reference)) / reference.length);
  return { value: wassersteinOfValues(reference, current) / Math.max(deviation, 0.001) };
});

export const energyTest = numberTest('ed', 'distance', 0.1, (reference, current) => ({
  value: energyOfValues(reference, current),
}));

/** Student's t with pooled variance. */
export const tTest = numberTest('t_test', 'p_value', 0.05, (reference, current) => {
  const [n, m] = [reference.length, current.length];
  const [before, now] = [meanOf(reference), meanOf(current)];
  const pooled = (squaresOf(reference, before) + squaresOf(current, now)) / (n + m - 2);
  const t = (before - now) / Math.sqrt(pooled * (1 / n + 1 / m));
  return { value: before === now ? 1 : studentTwoSided(t, n + m - 2) };
});

/** scipy's exact distribution up to this many rows, the limit above. */
const EXACT = 10_000;

/** Exact up to 10,000 rows in each window; above, Kolmogorov's limit with Stephens' correction (scipy: exact for one sample). */
export const kolmogorovSmirnovTest = numberTest('ks', 'p_value', 0.05, (reference, current) => {
  const [n, m] = [reference.length, current.length];
  const gap = ecdfGap(reference, current);
  if (Math.max(n, m) <= EXACT) {
    return { value: exactKolmogorovSmirnov(n, m, gap) };
  }
  const root = Math.sqrt(Math.round((n * m) / (n + m)));
  return { value: kolmogorovSurvival(gap * (root + 0.12 + 0.11 / root)) };
});

/**
 * P(D >= gap): chance that a lattice path from (0, 0) to (n, m) leaves the band |i / n - j / m| < gap. Paths outside are
 * counted, so that small p-values keep their digits. Source: Hodges 1958.
 */
export function exactKolmogorovSmirnov(n: number, m: number, gap: number): number {
  const limit = gap * n * m - 0.5;
  let row = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    const next = new Float64Array(m + 1);
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) > limit) {
        next[j] = 1;
      } else if (i + j > 0) {
        next[j] = ((i > 0 ? i * row[j] : 0) + (j > 0 ? j * next[j - 1] : 0)) / (i + j);
      }
    }
    row = next;
  }
  return row[m];
}

const FREQUENCIES = [0.4, 0.8];

/** Difference of the characteristic functions at two points. Source: Epps and Singleton 1986; scipy.stats.epps_singleton_2samp. */
export const eppsSingletonTest = numberTest('es', 'p_value', 0.05, (reference, current) => {
  const all = Float64Array.from([...reference, ...current]).sort();
  const spread = (quantileSorted(all, 0.75) - quantileSorted(all, 0.25)) / 2;
  if (spread === 0) {
    return { value: null, reason: 'the middle half of all values is one value' };
  }
  const [n, m] = [reference.length, current.length];
  const [x, y] = [wavesOf(reference, spread), wavesOf(current, spread)];
  const covariance = x.covariance.map((line, i) =>
    line.map((value, j) => ((n + m) / n) * value + ((n + m) / m) * y.covariance[i][j]),
  );
  const difference = x.means.map((mean, i) => mean - y.means[i]);
  const solved = solve(covariance, difference);
  if (solved === null) {
    return { value: null, reason: 'the covariance of the characteristic functions has no inverse' };
  }
  const w = (n + m) * difference.reduce((sum, value, i) => sum + value * solved[i], 0);
  const small = Math.max(n, m) < 25 ? 1 / (1 + (n + m) ** -0.45 + 10.1 * (n ** -1.7 + m ** -1.7)) : 1;
  return { value: chiSquaredSurvival(w * small, 2 * FREQUENCIES.length) };
});

/** Means and (population) covariance of cos(t x) and sin(t x). */
function wavesOf(values: Float64Array, spread: number): { means: number[]; covariance: number[][] } {
  const waves = [Math.cos, Math.sin].flatMap((wave) =>
    FREQUENCIES.map((t) => values.map((value) => wave((t / spread) * value))),
  );
  const means = waves.map(meanOf);
  const covariance = waves.map((a, i) =>
    waves.map(
      (b, j) => a.reduce((sum, value, k) => sum + (value - means[i]) * (b[k] - means[j]), 0) / a.length,
    ),
  );
  return { means, covariance };
}
