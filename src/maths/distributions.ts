import { logGamma, normalQuantile } from './special.js';

/** Continued fraction of the incomplete beta function (modified Lentz). Source: Numerical Recipes 6.4. */
function betaFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const kept = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < 1e-16) {
      break;
    }
  }
  return value;
}

/** Regularised incomplete beta function I_x(a, b), a, b > 0, 0 <= x <= 1. */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0 || x >= 1) {
    return x <= 0 ? 0 : 1;
  }
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(a, b, x)) / a
    : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

/** P(|T| > |t|) of Student's t with `degrees` > 0 degrees of freedom (need not be whole). */
export function studentTwoSided(t: number, degrees: number): number {
  return Number.isFinite(t) ? incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t)) : 0;
}

/** Upper quantile of Student's t for p from 0.5 to below 1, within 1e-12; that of the normal for Infinity degrees. */
export function studentQuantile(p: number, degrees: number): number {
  const normal = normalQuantile(p);
  if (degrees === Infinity) {
    return normal;
  }
  let [low, high] = [normal, 2 * normal + 1];
  const tail = 2 * (1 - p);
  while (studentTwoSided(high, degrees) > tail) {
    high *= 2;
  }
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) {
      break;
    }
    [low, high] = studentTwoSided(middle, degrees) > tail ? [middle, high] : [low, middle];
  }
  return high;
}

/**
 * P(K > x) of Kolmogorov's distribution, the limit of sqrt(n) D. Two series, each where it converges in a few terms.
 * Source: Marsaglia, Tsang and Wang 2003; scipy.special.kolmogorov.
 */
export function kolmogorovSurvival(x: number): number {
  if (x <= 0) {
    return 1;
  }
  let sum = 0;
  if (x < 1) {
    for (let k = 1; k < 20; k += 2) {
      sum += Math.exp((-k * k * Math.PI * Math.PI) / (8 * x * x));
    }
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  for (let k = 1; k < 20; k++) {
    sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  }
  return Math.min(1, sum);
}
