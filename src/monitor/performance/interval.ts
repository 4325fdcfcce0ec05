import { studentQuantile } from '../../maths/distributions.js';
import { quantileSorted, sortedWithoutNaN } from '../../maths/sorted.js';
import type { Interval } from './report.js';

/** A scale on which a value is closer to normal, and whose way back stays inside the value's range. */
export interface Scale {
  to(value: number): number;
  from(value: number): number;
}

/** For values in (0, 1). */
export const LOGIT: Scale = {
  to: (value) => Math.log(value / (1 - value)),
  from: (x) => 1 / (1 + Math.exp(-x)),
};

/** Turns a standard error of a value in (0, 1) into one on the logit scale: the derivative there. */
export function logitError(value: number, standardError: number): number {
  return standardError / (value * (1 - value));
}

/** For values above 0. */
export const LOG: Scale = { to: Math.log, from: Math.exp };

export const PLAIN: Scale = { to: (value) => value, from: (x) => x };

/** Of the intervals in reports, two-sided. */
const LEVEL = 0.95;

/**
 * 95 % interval of a value from its standard error on a scale, symmetric there: by Student's t where the error itself comes
 * from few users. Null where the scale does not reach (0 and 1 for logit), where it would claim certainty.
 */
export function intervalOnScale(
  value: number,
  standardError: number,
  scale: Scale,
  degrees = Infinity,
): Interval | null {
  const centre = scale.to(value);
  const reach = studentQuantile((1 + LEVEL) / 2, degrees) * standardError;
  return Number.isFinite(centre) ? [scale.from(centre - reach), scale.from(centre + reach)] : null;
}

/**
 * 95 % interval of a rate from its standard error: Wilson's, with as many rows as would give a share that error. Few rows make a
 * rate coarse, and the logit scale then too wide (docs/coverage.md). Null at 0 and 1, where users say nothing of the error.
 * Source: Wilson 1927; Korn and Graubard 1998 (effective rows and t for clusters).
 */
export function rateInterval(rate: number, standardError: number, degrees = Infinity): Interval | null {
  const rows = (rate * (1 - rate)) / standardError ** 2;
  if (!(rows > 0 && rows < Infinity)) {
    return null;
  }
  const square = studentQuantile((1 + LEVEL) / 2, degrees) ** 2;
  const centre = rate + square / (2 * rows);
  const reach = Math.sqrt(square * ((rate * (1 - rate)) / rows + square / (4 * rows ** 2)));
  const whole = 1 + square / rows;
  return [(centre - reach) / whole, (centre + reach) / whole];
}

/** Percentile interval of the draws that are defined; null when fewer than nine in ten are. */
export function percentileInterval(draws: Float64Array, level = 0.95): Interval | null {
  const sorted = definedDraws(draws);
  return sorted && [quantileSorted(sorted, (1 - level) / 2), quantileSorted(sorted, (1 + level) / 2)];
}

/** Value that a share `level` of the draws lies above: the one-sided lower bound. Null as above. */
export function lowerBoundOf(draws: Float64Array, level = 0.95): number | null {
  const sorted = definedDraws(draws);
  return sorted && quantileSorted(sorted, 1 - level);
}

function definedDraws(draws: Float64Array): Float64Array | null {
  const sorted = sortedWithoutNaN(draws);
  return sorted.length < 0.9 * draws.length || sorted.length === 0 ? null : sorted;
}
