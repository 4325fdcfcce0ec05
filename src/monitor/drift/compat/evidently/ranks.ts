import { lowerBound, runsOf, upperBound } from '../../../../maths/sorted.js';
import { logGamma, normalSurvival } from '../../../../maths/special.js';
import { midranks } from '../ecdf.js';
import { numberTest } from './numbers.js';
import { solve } from './solve.js';

const pooled = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]).sort();

/** One-sided: whether the reference tends to be smaller. Exact up to 8 rows without ties, as scipy chooses. */
export const mannWhitneyTest = numberTest('mannw', 'p_value', 0.05, (reference, current) => {
  const [n, m] = [reference.length, current.length];
  const all = pooled(reference, current);
  const ranks = midranks(reference, all).reduce((sum, rank) => sum + rank, 0);
  const u = n * m - (ranks - (n * (n + 1)) / 2);
  const ties = [...runsOf(all)].reduce((sum, { from, to }) => sum + (to - from) ** 3 - (to - from), 0);
  if (ties === 0 && (n <= 8 || m <= 8)) {
    return { value: exactMannWhitney(n, m, u) };
  }
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  return { value: normalSurvival((u - (n * m) / 2 - 0.5) / Math.sqrt(variance)) };
});

/** P(U >= u): number of ways to choose n of n + m ranks, by their sum. */
function exactMannWhitney(n: number, m: number, u: number): number {
  // ways[k][s]: k ranks chosen so far that beat s of the others.
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(n * m + 1));
  ways[0][0] = 1;
  for (let rank = 0; rank < n + m; rank++) {
    for (let k = Math.min(n, rank + 1); k >= 1; k--) {
      const beaten = rank - (k - 1);
      for (let s = n * m; beaten <= m && s >= beaten; s--) {
        ways[k][s] += ways[k - 1][s - beaten];
      }
    }
  }
  const all = ways[n].reduce((sum, count) => sum + count, 0);
  return ways[n].reduce((sum, count, s) => sum + (s >= u ? count : 0), 0) / all;
}

const SIGNIFICANCES = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
/** Critical values of Scholz and Stephens (1987), table 2, for two samples. */
const CRITICAL = [
  [0.675, -0.245, -0.105],
  [1.281, 0.25, -0.305],
  [1.645, 0.678, -0.362],
  [1.96, 1.149, -0.391],
  [2.326, 1.822, -0.396],
  [2.573, 2.364, -0.345],
  [3.085, 3.615, -0.154],
].map(([a, b, c]) => a + b + c);

/** Mid-rank version for two samples; p between 0.001 and 0.25. Source: Scholz and Stephens 1987; scipy.stats.anderson_ksamp. */
export const andersonTest = numberTest('anderson', 'p_value', 0.1, (reference, current) => {
  const value = andersonStatistic(reference, current);
  if (value === null) {
    return { value: null, reason: 'anderson needs two different values and four rows' };
  }
  if (value < CRITICAL[0]) {
    return { value: SIGNIFICANCES[0] };
  }
  if (value > CRITICAL[CRITICAL.length - 1]) {
    return { value: SIGNIFICANCES[SIGNIFICANCES.length - 1] };
  }
  const [a, b, c] = parabola(CRITICAL, SIGNIFICANCES.map(Math.log));
  return { value: Math.exp(a + b * value + c * value * value) };
});

function andersonStatistic(reference: Float64Array, current: Float64Array): number | null {
  const all = pooled(reference, current);
  const total = all.length;
  if (total < 4 || all[0] === all[total - 1]) {
    return null;
  }
  let sum = 0;
  for (const sample of [reference, current]) {
    let inner = 0;
    for (const { value, from, to } of runsOf(all)) {
      const tied = to - from;
      const below = from + tied / 2;
      const [left, right] = [lowerBound(sample, value), upperBound(sample, value)];
      const own = right - (right - left) / 2;
      inner +=
        ((tied / total) * (total * own - below * sample.length) ** 2) /
        (below * (total - below) - (total * tied) / 4);
    }
    sum += inner / sample.length;
  }
  const statistic = (sum * (total - 1)) / total;
  return (statistic - 1) / Math.sqrt(andersonVariance(reference.length, current.length));
}

function andersonVariance(n: number, m: number): number {
  const total = n + m;
  const sizes = 1 / n + 1 / m;
  let [h, g] = [0, 0];
  for (let i = total - 1, place = 2; i > 1; i--, place++) {
    h += 1 / i;
    g += h / place;
  }
  h += 1;
  const k = 2;
  const a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * sizes;
  const b = (2 * g - 4) * k ** 2 + 8 * h * k + (2 * g - 14 * h - 4) * sizes - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * k ** 2 + (4 * h - 4 * g + 6) * k + (2 * h - 6) * sizes + 4 * h;
  const d = (2 * h + 6) * k ** 2 - 4 * h * k;
  return (a * total ** 3 + b * total ** 2 + c * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

/** Least squares of y on 1, x, x^2. */
function parabola(x: readonly number[], y: readonly number[]): number[] {
  const power = (k: number) => x.reduce((sum, value) => sum + value ** k, 0);
  const mixed = (k: number) => x.reduce((sum, value, i) => sum + value ** k * y[i], 0);
  return solve(
    [0, 1, 2].map((i) => [power(i), power(i + 1), power(i + 2)]),
    [mixed(0), mixed(1), mixed(2)],
  ) as number[];
}

/** Two-sample test; exact up to 20 rows, the limit above. Source: Anderson 1962; scipy.stats.cramervonmises_2samp. */
export const cramerVonMisesTest = numberTest('cramer_von_mises', 'p_value', 0.1, (reference, current) => {
  const [n, m] = [reference.length, current.length];
  if (n < 2 || m < 2) {
    return { value: null, reason: 'cramer_von_mises needs two rows in each window' };
  }
  const all = pooled(reference, current);
  const part = (sample: Float64Array) =>
    midranks(sample, all).reduce((sum, rank, i) => sum + (rank - (i + 1)) ** 2, 0);
  const u = n * part(reference) + m * part(current);
  if (Math.max(n, m) <= 20) {
    return { value: exactCramerVonMises(n, m, u) };
  }
  const [k, total] = [n * m, n + m];
  const t = u / (k * total) - (4 * k - 1) / (6 * total);
  const mean = (1 + 1 / total) / 6;
  const variance =
    ((total + 1) * (4 * k * total - 3 * (n ** 2 + m ** 2) - 2 * k)) / (45 * total ** 2 * 4 * k);
  const scaled = 1 / 6 + (t - mean) / Math.sqrt(45 * variance);
  return { value: scaled < 0.003 ? 1 : Math.max(0, 1 - cramerVonMisesLimit(scaled)) };
});

/** Distribution of the statistic over all orders of n + m values, by a walk over the lattice. Source: Xiao et al. 2006. */
function exactCramerVonMises(n: number, m: number, u: number): number {
  const common = (n * m) / greatestDivisor(n, m);
  const [a, b] = [common / n, common / m];
  const product = n * m;
  const limit = Math.floor(
    (common ** 2 * (n + m) * (6 * u - product * (4 * product - 1))) / (6 * product ** 2),
  );
  let columns = Array.from({ length: n + 1 }, (_, v) => new Map<number, number>(v === 0 ? [[0, 1]] : []));
  for (let w = 0; w <= m; w++) {
    let before = new Map<number, number>();
    columns = columns.map((old, v) => {
      const sums = new Map<number, number>();
      for (const source of [before, old]) {
        for (const [value, ways] of source) {
          const moved = value + (a * v - b * w) ** 2;
          sums.set(moved, (sums.get(moved) ?? 0) + ways);
        }
      }
      before = sums;
      return sums;
    });
  }
  let [beyond, all] = [0, 0];
  for (const [value, ways] of columns[n]) {
    all += ways;
    beyond += value >= limit ? ways : 0;
  }
  return beyond / all;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** The limiting distribution. Source: Csorgo and Faraway 1996, equation 1.2. */
function cramerVonMisesLimit(x: number): number {
  let sum = 0;
  for (let k = 0; k < 100; k++) {
    const factor = Math.exp(logGamma(k + 0.5) - logGamma(k + 1)) / (Math.PI ** 1.5 * Math.sqrt(x));
    const y = 4 * k + 1;
    const q = y ** 2 / (16 * x);
    const term = factor * Math.sqrt(y) * Math.exp(-q) * besselQuarter(q);
    sum += term;
    if (Math.abs(term) < 1e-7) {
      break;
    }
  }
  return sum;
}

/** Modified Bessel function of the second kind of order 1/4: integral of exp(-x cosh t) cosh(t / 4), by the trapezoid rule. */
function besselQuarter(x: number): number {
  const step = 1 / 64;
  let sum = Math.exp(-x) / 2;
  for (let t = step; x * Math.cosh(t) < 700 && t < 12; t += step) {
    sum += Math.exp(-x * Math.cosh(t)) * Math.cosh(t / 4);
  }
  return sum * step;
}
