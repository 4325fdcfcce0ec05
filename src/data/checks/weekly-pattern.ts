import { quantileSorted } from '../../maths/sorted.js';

export interface FromPattern {
  /** The number that is usual on this weekday. */
  usual: number;
  /** The day's number over the usual one. */
  share: number;
  /** How far ln(1 + number) is from the usual, in standard deviations. */
  z: number;
}

/** So many of the same weekday are needed. */
const LEAST_WEEKS = 4;
/** Makes the median absolute deviation a standard deviation where the values are normal. */
const NORMAL = 1.4826;

/**
 * A day's number against its weekly pattern. With x = ln(1 + number), and m(w) the median of x on the weekday w over the
 * `weeks` weeks before: usual = exp(m) - 1, s = max(1.4826 median |x - m(weekday)| over all those days, 1 / sqrt(1 + usual)), which
 * is the noise of counting, and z = (x - m) / s. Medians, so that a bad day among the weeks before changes nothing.
 * @param numbers by day number; a day that is not there has 0
 * @param first the day from which on there are numbers
 * @returns null with fewer than 4 of the same weekday since `first`
 */
export function fromWeeklyPattern(
  numbers: ReadonlyMap<number, number>,
  first: number,
  day: number,
  weeks: number,
): FromPattern | null {
  const logs = (offset: number): number[] => {
    const found: number[] = [];
    for (let week = 1; week <= weeks; week++) {
      const other = day + offset - 7 * week;
      if (other >= first) {
        found.push(log(numbers, other));
      }
    }
    return found;
  };
  const same = logs(0);
  if (same.length < LEAST_WEEKS) {
    return null;
  }
  const middle = median(same);
  const residuals = [0, 1, 2, 3, 4, 5, 6].flatMap((offset) => {
    const values = logs(offset);
    const own = median(values);
    return values.map((value) => Math.abs(value - own));
  });
  const usual = Math.expm1(middle);
  const scale = Math.max(NORMAL * median(residuals), 1 / Math.sqrt(1 + usual));
  return {
    usual,
    share: (numbers.get(day) ?? 0) / usual,
    z: (log(numbers, day) - middle) / scale,
  };
}

const log = (numbers: ReadonlyMap<number, number>, day: number) => Math.log1p(numbers.get(day) ?? 0);

function median(values: readonly number[]): number {
  return quantileSorted(Float64Array.from(values).sort(), 0.5);
}
