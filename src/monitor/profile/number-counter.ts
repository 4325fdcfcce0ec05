import { edgeFinder } from './edge-finder.js';
import { pivotOf } from './moments.js';
import { type ColumnProfile, type NumericBins, UNIT_GROUPS } from './profile.js';

/** Counts a numeric column part by part. */
export interface NumberCounter {
  /** Values of some rows, NaN for null, with the unit group of each when there is a unit. */
  add(values: ArrayLike<number>, groups?: ArrayLike<number>): void;
  profile(): ColumnProfile;
}

/** Sums of a counter, in one typed array: as variables of a closure each would be boxed anew by every row. */
const [ROWS, NULLS, FINITE, SUM, SQUARES, MIN, MAX, BELOW, ABOVE] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

export function numberCounter(name: string, bins: NumericBins, grouped: boolean): NumberCounter {
  const { find } = edgeFinder(Float64Array.from(bins.edges));
  const coarse = Uint32Array.from(bins.coarse);
  const [low, high] = bins.range;
  const pivot = pivotOf(bins);
  const nullCell = bins.coarse_labels.length;
  const cells = nullCell + 1;
  const counts = new Float64Array(bins.edges.length + 1);
  const inGroups = grouped ? new Float64Array(UNIT_GROUPS * cells) : null;
  const sums = new Float64Array(9);
  sums[MIN] = Infinity;
  sums[MAX] = -Infinity;

  const addGroups = (values: ArrayLike<number>, groups: ArrayLike<number>, into: Float64Array) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      into[groups[i] * cells + (Number.isNaN(value) ? nullCell : coarse[find(value)])]++;
    }
  };

  const add = (values: ArrayLike<number>, groups?: ArrayLike<number>) => {
    let [nulls, finite, below, above] = [0, 0, 0, 0];
    let [sum, squares, min, max] = [sums[SUM], sums[SQUARES], sums[MIN], sums[MAX]];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (Number.isNaN(value)) {
        nulls++;
        continue;
      }
      counts[find(value)]++;
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
        min = value < min ? value : min;
        max = value > max ? value : max;
      }
    }
    sums.set([sum, squares, min, max], SUM);
    sums[ROWS] += values.length;
    sums[NULLS] += nulls;
    sums[FINITE] += finite;
    sums[BELOW] += below;
    sums[ABOVE] += above;
    if (inGroups !== null && groups !== undefined) {
      addGroups(values, groups, inGroups);
    }
  };

  return {
    add,
    profile: () => ({
      name,
      bins,
      rows: sums[ROWS],
      nulls: sums[NULLS],
      counts: Array.from(counts),
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
