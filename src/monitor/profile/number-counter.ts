import { edgeFinder } from './edge-finder.js';
import { pivotOf } from './moments.js';
import { type ColumnProfile, type NumericBins, UNIT_GROUPS } from './profile.js';

/** Counts a numeric column part by part. */
export interface NumberCounter {
  /** Values of some rows, NaN for null, with the unit group of each when there is a unit. */
  add(values: ArrayLike<number>, groups?: ArrayLike<number>): void;
  /** So many rows of one value, NaN for null, without a unit. */
  addRows(value: number, rows: number): void;
  profile(): ColumnProfile;
}

/** Sums of a counter, in one typed array: as variables of a closure each would be boxed anew by every row. */
const [ROWS, FINITE, SUM, SQUARES, MIN, MAX, BELOW, ABOVE] = [0, 1, 2, 3, 4, 5, 6, 7];

/** Values that are worked on at a time: what is known of them stays near the processor. */
const BLOCK = 2048;
const places = new Uint32Array(BLOCK);
/** A list for one value. Lists of one kind only are read faster. */
const single = new Float64Array(1);

export function numberCounter(name: string, bins: NumericBins, grouped: boolean): NumberCounter {
  const { find } = edgeFinder(Float64Array.from(bins.edges));
  const pivot = pivotOf(bins);
  const cells = bins.coarse_labels.length + 1;
  /** Of places: the bins, then null. */
  const cellOf = Uint32Array.from([...bins.coarse, cells - 1]);
  const counts = new Float64Array(bins.edges.length + 2);
  const inGroups = grouped ? new Float64Array(UNIT_GROUPS * cells) : null;
  const sums = new Float64Array(8);
  sums[MIN] = Infinity;
  sums[MAX] = -Infinity;

  const add = (values: ArrayLike<number>, groups?: ArrayLike<number>) => {
    for (let from = 0; from < values.length; from += BLOCK) {
      const to = Math.min(from + BLOCK, values.length);
      find(values, from, to, places);
      for (let i = 0; i < to - from; i++) {
        counts[places[i]]++;
      }
      addMoments(values, from, to, sums, pivot, bins.range);
      if (inGroups !== null && groups !== undefined) {
        for (let i = from; i < to; i++) {
          inGroups[groups[i] * cells + cellOf[places[i - from]]]++;
        }
      }
    }
    sums[ROWS] += values.length;
  };

  const addRows = (value: number, rows: number) => {
    single[0] = value;
    find(single, 0, 1, places);
    counts[places[0]] += rows;
    sums[ROWS] += rows;
    const one = new Float64Array(sums.length);
    one[MIN] = sums[MIN];
    one[MAX] = sums[MAX];
    addMoments(single, 0, 1, one, pivot, bins.range);
    for (const added of [FINITE, SUM, SQUARES, BELOW, ABOVE]) {
      sums[added] += one[added] * rows;
    }
    sums.set(one.subarray(MIN, MAX + 1), MIN);
  };

  return {
    add,
    addRows,
    profile: () => ({
      name,
      bins,
      rows: sums[ROWS],
      nulls: counts[counts.length - 1],
      counts: Array.from(counts.subarray(0, -1)),
      moments: {
        finite: sums[FINITE],
        pivot,
        sum: sums[SUM],
        sum_squares: sums[SQUARES],
        // Zero without a sign.
        min: sums[FINITE] === 0 ? null : sums[MIN] + 0,
        max: sums[FINITE] === 0 ? null : sums[MAX] + 0,
        below: sums[BELOW],
        above: sums[ABOVE],
      },
      unseen: [],
      groups:
        inGroups &&
        Array.from({ length: UNIT_GROUPS }, (_, g) =>
          Array.from(inGroups.subarray(g * cells, (g + 1) * cells)),
        ),
    }),
  };
}

function addMoments(
  values: ArrayLike<number>,
  from: number,
  to: number,
  sums: Float64Array,
  pivot: number,
  [low, high]: readonly [number, number],
): void {
  // Each a variable of its own: taken from an array they would be boxed anew by every row.
  let finite = 0;
  let below = 0;
  let above = 0;
  let sum = sums[SUM];
  let squares = sums[SQUARES];
  let min = sums[MIN];
  let max = sums[MAX];
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value < low) {
      below++;
    } else if (value > high) {
      above++;
    }
    if (value - value === 0) {
      const deviation = value - pivot;
      finite++;
      sum += deviation;
      squares += deviation * deviation;
      // Not Math.min, which tells 0 from -0: slowly where a column is mostly 0.
      if (value < min) {
        min = value;
      }
      if (value > max) {
        max = value;
      }
    }
  }
  sums[FINITE] += finite;
  sums[SUM] = sum;
  sums[SQUARES] = squares;
  sums[MIN] = min;
  sums[MAX] = max;
  sums[BELOW] += below;
  sums[ABOVE] += above;
}
