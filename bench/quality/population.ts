import { pivotOf } from '../../src/monitor/profile/moments.js';
import type { ColumnProfile, NumericBins } from '../../src/monitor/profile/profile.js';
import type { Random } from '../../src/random.js';

/** Values of a finite population. */
export const POPULATION = 2 ** 14;

/** Adds to `times` how often each value of the population comes in one more draw of rows. */
export type TimesDrawer = (times: Uint16Array, chance: Random) => void;

const STARTS = 2 ** 12;

/**
 * Draws about so many rows from the population: each value comes Poisson(rows / POPULATION) times, so that the number of rows
 * is itself Poisson. That costs values, not rows. By inversion of the distribution function with a table of starts.
 */
export function timesDrawer(rows: number): TimesDrawer {
  const mean = rows / POPULATION;
  const below: number[] = [];
  let [term, sum] = [Math.exp(-mean), 0];
  for (let count = 0; sum < 1 - 1e-12 || count < mean; count++) {
    sum += term;
    below.push(sum * 2 ** 32);
    term *= mean / (count + 1);
  }
  below[below.length - 1] = Infinity;
  const upTo = Float64Array.from(below);
  const starts = Uint16Array.from({ length: STARTS }, (_, i) =>
    below.findIndex((limit) => limit > (i * 2 ** 32) / STARTS),
  );
  return (times, chance) => addTimes(times, upTo, starts, chance);
}

/** The generator is that of random.ts (sfc32) with its state in local variables, which is five times as fast. */
function addTimes(times: Uint16Array, upTo: Float64Array, starts: Uint16Array, chance: Random): void {
  let [a, b, c, counter] = [chance.integer(2 ** 32), chance.integer(2 ** 32), chance.integer(2 ** 32), 1];
  for (let i = -12; i < times.length; i++) {
    const bits = ((((a + b) | 0) + counter) | 0) >>> 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + bits) | 0;
    if (i >= 0) {
      let count = starts[bits >>> 20];
      while (upTo[count] <= bits) {
        count++;
      }
      times[i] += count;
    }
  }
}

/** The rows that were drawn, in the order of the population. */
export function rowsOf(values: Float64Array, times: Uint16Array): Float64Array {
  const drawn = new Float64Array(times.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const end = at + times[i];
    while (at < end) {
      drawn[at++] = values[i];
    }
  }
  return drawn;
}

/**
 * What profileOfValues says of rowsOf(values, times), but for the rounding of its sums: a value that came often is looked up
 * once. `values` rise, with NaN (null) at their end. test/bench/population.test.ts compares the two.
 */
export function profileOfTimes(bins: NumericBins, values: Float64Array, times: Uint16Array): ColumnProfile {
  const { edges } = bins;
  const counts = new Array<number>(edges.length + 1).fill(0);
  const pivot = pivotOf(bins);
  const [low, high] = bins.range;
  let [cell, rows, nulls, sum, squares, below, above] = [0, 0, 0, 0, 0, 0, 0];
  let [min, max]: (number | null)[] = [null, null];
  for (let i = 0; i < values.length; i++) {
    const [value, count] = [values[i], times[i]];
    rows += count;
    if (Number.isNaN(value)) {
      nulls += count;
    } else if (count > 0) {
      while (cell < edges.length && value > edges[cell]) {
        cell++;
      }
      counts[cell] += count;
      sum += count * (value - pivot);
      squares += count * (value - pivot) ** 2;
      below += value < low ? count : 0;
      above += value > high ? count : 0;
      min ??= value;
      max = value;
    }
  }
  return {
    name: 'x',
    bins,
    rows,
    nulls,
    counts,
    moments: { finite: rows - nulls, pivot, sum, sum_squares: squares, min, max, below, above },
    unseen: [],
    groups: null,
  };
}
