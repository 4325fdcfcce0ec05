import { ABOVE, BELOW, BLOCK, FINITE, kernel, MAX, MIN, ROWS, SQUARES, SUM, SUMS } from './kernel.js';
import { pivotOf } from './moments.js';
import { type ColumnProfile, type NumericBins, UNIT_GROUPS } from './profile.js';
import { searchTable } from './search-table.js';

/** Counts a numeric column part by part. */
export interface NumberCounter {
  /** Values of some rows, NaN for null, with the unit group of each when there is a unit. */
  add(values: ArrayLike<number>, groups?: ArrayLike<number>): void;
  /** So many rows of one value, NaN for null, without a unit. */
  addRows(value: number, rows: number): void;
  profile(): ColumnProfile;
}

export function numberCounter(name: string, bins: NumericBins, grouped: boolean): NumberCounter {
  const { load, locate, tally, addMoments } = kernel();
  const table = searchTable(bins.edges);
  const pivot = pivotOf(bins);
  const cells = bins.coarse_labels.length + 1;
  /** Of places: the bins, then null. */
  const cellOf = Uint32Array.from([...bins.coarse, cells - 1]);
  const counts = new Float64Array(bins.edges.length + 2);
  const inGroups = grouped ? new Float64Array(UNIT_GROUPS * cells) : null;
  const sums = new Float64Array(SUMS);
  sums[MIN] = Infinity;
  sums[MAX] = -Infinity;

  const add = (values: ArrayLike<number>, groups?: ArrayLike<number>) => {
    for (let from = 0; from < values.length; from += BLOCK) {
      const to = Math.min(from + BLOCK, values.length);
      load(values, from, to);
      const places = locate(table);
      tally(counts);
      addMoments(sums, pivot, bins.range);
      if (inGroups !== null && groups !== undefined) {
        for (let i = from; i < to; i++) {
          inGroups[groups[i] * cells + cellOf[places[i - from]]]++;
        }
      }
    }
    sums[ROWS] += values.length;
  };

  const addRows = (value: number, rows: number) => {
    load([value], 0, 1);
    counts[locate(table)[0]] += rows;
    sums[ROWS] += rows;
    const one = new Float64Array(sums.length);
    one[MIN] = sums[MIN];
    one[MAX] = sums[MAX];
    addMoments(one, pivot, bins.range);
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
