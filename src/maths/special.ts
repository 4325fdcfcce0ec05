/** Functions of probability theory that JavaScript lacks. Pure; no tables. */

const LOG_SQRT_TWO_PI = 0.9189385332046727;
const EPSILON = 2.220446049250313e-16;

/** Stirling's series of ln Gamma(x) from its 1/x term on: B(2j) / (2j (2j - 1) x^(2j - 1)). */
function stirlingTail(x: number): number {
  const square = 1 / (x * x);
  const series =
    1 / 12 +
    square *
      (-1 / 360 +
        square *
          (1 / 1260 + square * (-1 / 1680 + square * (1 / 1188 + square * (-691 / 360360 + square / 156)))));
  return series / x;
}

/**
 * ln Gamma(x) for x > 0; relative error about 1e-15, NaN otherwise.
 * Stirling's series after shifting x above 12 (Abramowitz and Stegun 6.1.41).
 */
export function logGamma(x: number): number {
  if (!(x > 0)) {
    return Number.NaN;
  }
  let shifted = x;
  let product = 1;
  while (shifted < 12) {
    product *= shifted;
    shifted += 1;
  }
  return (
    (shifted - 0.5) * Math.log(shifted) -
    shifted +
    LOG_SQRT_TWO_PI +
    stirlingTail(shifted) -
    Math.log(product)
  );
}

/**
 * x^a e^-x / Gamma(a), the factor both expansions share. For large `a` the three terms cancel, so they are taken
 * together: a (ln(x / a) - x / a + 1) with log1p where x is near a.
 */
function gammaFactor(a: number, x: number): number {
  if (a < 12) {
    return Math.exp(a * Math.log(x) - x - logGamma(a));
  }
  const excess = (x - a) / a;
  const logPart = Math.abs(excess) < 0.5 ? Math.log1p(excess) - excess : Math.log(x / a) - excess;
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * logPart - stirlingTail(a));
}

/** P(a, x) by its power series; converges fast for x < a + 1. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < 100_000; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * EPSILON) {
      break;
    }
  }
  return sum * gammaFactor(a, x);
}

/** Q(a, x) by its continued fraction (modified Lentz); converges fast for x > a + 1. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let i = 1; i < 100_000; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = numerator * d + b;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = b + numerator / c;
    c = Math.abs(c) < tiny ? tiny : c;
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < EPSILON) {
      break;
    }
  }
  return value * gammaFactor(a, x);
}

/**
 * Regularised upper incomplete gamma function Q(a, x) = Gamma(a, x) / Gamma(a), a > 0, x >= 0.
 * Relative error about 1e-13 down to the smallest double. Source: Numerical Recipes 6.2.
 */
export function upperGamma(a: number, x: number): number {
  if (Number.isNaN(x) || !(a > 0)) {
    return Number.NaN;
  }
  if (x <= 0) {
    return 1;
  }
  if (x === Infinity) {
    return 0;
  }
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}

/** P(X > x) for chi-squared with `df` > 0 degrees of freedom (need not be whole); accurate in the far tail. */
export function chiSquaredSurvival(x: number, df: number): number {
  return upperGamma(df / 2, x / 2);
}

/** The x with P(X > x) = `tail` for chi-squared with `df` degrees of freedom; 0 < tail < 1. */
export function chiSquaredQuantileUpper(tail: number, df: number): number {
  let low = 0;
  let high = df + 10;
  while (chiSquaredSurvival(high, df) > tail) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (chiSquaredSurvival(middle, df) > tail) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return (low + high) / 2;
}

/** P(Z <= z) of the standard normal, accurate in both tails. */
export function normalCdf(z: number): number {
  const tail = 0.5 * upperGamma(0.5, (z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/** P(Z > z) of the standard normal, accurate in the far tail. */
export function normalSurvival(z: number): number {
  return normalCdf(-z);
}

const CENTRAL_NUMERATOR = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const CENTRAL_DENOMINATOR = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
  1,
];
const TAIL_NUMERATOR = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_DENOMINATOR = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1,
];

const horner = (coefficients: readonly number[], x: number) =>
  coefficients.reduce((value, coefficient) => value * x + coefficient, 0);

/**
 * The z with P(Z <= z) = p. -Infinity at 0, Infinity at 1, NaN outside [0, 1].
 * Acklam's rational approximation (1e-9) and one step of Halley's method on the accurate cdf.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) {
    return Number.NaN;
  }
  if (p === 0 || p === 1) {
    return p === 0 ? -Infinity : Infinity;
  }
  if (p > 0.5) {
    return -normalQuantile(1 - p);
  }
  let z: number;
  if (p < 0.02425) {
    const r = Math.sqrt(-2 * Math.log(p));
    z = horner(TAIL_NUMERATOR, r) / horner(TAIL_DENOMINATOR, r);
  } else {
    const r = p - 0.5;
    z = (r * horner(CENTRAL_NUMERATOR, r * r)) / horner(CENTRAL_DENOMINATOR, r * r);
  }
  const error = (normalCdf(z) - p) * Math.exp((z * z) / 2 + LOG_SQRT_TWO_PI);
  return z - error / (1 + (z * error) / 2);
}
