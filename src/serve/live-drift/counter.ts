import { lowerBoundPadded, padded } from '../../maths/sorted.js';
import type { Encoding, FeatureSpec } from '../../model/encode.js';
import { asEncoded } from '../../monitor/profile/encoded.js';
import { asFloat32, coarsened } from '../../monitor/profile/float32.js';
import { pivotOf } from '../../monitor/profile/moments.js';
import type { ColumnProfile, NumericBins } from '../../monitor/profile/profile.js';

/** Counts of some rows: cells of every column one after another, and sums of the numeric ones. */
export interface Tally {
  rows: number;
  cells: Uint32Array;
  /** For each column: finite, sum, sum of squares, min, max, below, above. */
  sums: Float64Array;
}

const SUMS = 7;

interface Watched {
  /** The reference as the encoding can see it. */
  reference: ColumnProfile;
  /** First column of the encoding; -1 for the score. */
  start: number;
  /** First cell of the tally; its last one counts nulls. */
  cell: number;
  /** Edges are padded. */
  numeric: { edges: Float64Array; low: number; high: number; pivot: number } | null;
  /** Of a category: the cell of each column of the encoding. */
  cells: Int32Array;
}

/** Counts encoded rows over the bins of a reference profile. */
export interface Counter {
  /** The references that rows are compared with. */
  readonly references: ColumnProfile[];
  newTally(): Tally;
  /** Counts encoded rows (one after another), column by column: the bins of one stay in the processor's cache. */
  add(tally: Tally, values: Float32Array, probabilities: Float32Array, rows: number): void;
  /** The tallies together, as profiles over the bins of the references. */
  profiles(tallies: readonly Tally[]): ColumnProfile[];
}

/**
 * @param features the watched features with their reference profiles
 * @param score the reference profile of the probability, when there is one
 */
export function counterOf(
  encoding: Encoding,
  features: readonly { index: number; reference: ColumnProfile }[],
  score: ColumnProfile | null,
): Counter {
  let cells = 0;
  const watch = (reference: ColumnProfile, start: number, places: Int32Array): Watched => {
    const { bins } = reference;
    const cell = cells;
    cells += reference.counts.length + 1;
    const numeric =
      bins.kind === 'numeric'
        ? {
            edges: padded(bins.edges),
            low: bins.range[0],
            high: bins.range[1],
            pivot: pivotOf(bins),
          }
        : null;
    return { reference, start, cell, numeric, cells: places };
  };
  const watched = features.map(({ index, reference }) => {
    const feature = encoding.features[index];
    const seen =
      feature.type === 'number' ? coarsened(asFloat32(reference)) : asEncoded(reference, feature.categories);
    return watch(seen, encoding.starts[index], cellsOf(feature, reference));
  });
  if (score !== null) {
    watched.push(watch(coarsened(asFloat32(score)), -1, new Int32Array(0)));
  }
  return {
    references: watched.map(({ reference }) => reference),
    newTally: () => {
      const sums = new Float64Array(SUMS * watched.length);
      watched.forEach((_, i) => sums.set([Infinity, -Infinity], SUMS * i + 3));
      return { rows: 0, cells: new Uint32Array(cells), sums };
    },
    add: (tally, values, probabilities, rows) => {
      tally.rows += rows;
      const width = encoding.columns.length;
      watched.forEach((column, index) => {
        if (column.numeric === null) {
          addCategories(tally, column, values, width, rows);
        } else if (column.start < 0) {
          addNumbers(tally, column, index, probabilities, 0, 1, rows);
        } else {
          addNumbers(tally, column, index, values, column.start, width, rows);
        }
      });
    },
    profiles: (tallies) => watched.map((column, i) => profileOf(column, i, tallies)),
  };
}

/** Counts one column of numbers: the value at `start` and every `width` further. */
function addNumbers(
  { cells, sums }: Tally,
  column: Watched,
  index: number,
  values: Float32Array,
  start: number,
  width: number,
  rows: number,
): void {
  const { edges, low, high, pivot } = column.numeric!;
  const { cell } = column;
  const nulls = cell + column.reference.counts.length;
  const at = SUMS * index;
  let finite = 0;
  let sum = 0;
  let squares = 0;
  let below = 0;
  let above = 0;
  let min = sums[at + 3];
  let max = sums[at + 4];
  for (let row = 0, place = start; row < rows; row++, place += width) {
    const value = values[place];
    if (Number.isNaN(value)) {
      cells[nulls]++;
      continue;
    }
    cells[cell + lowerBoundPadded(edges, value)]++;
    const deviation = value - pivot;
    finite++;
    sum += deviation;
    squares += deviation * deviation;
    min = value < min ? value : min;
    max = value > max ? value : max;
    below += value < low ? 1 : 0;
    above += value > high ? 1 : 0;
  }
  sums[at] += finite;
  sums[at + 1] += sum;
  sums[at + 2] += squares;
  sums[at + 3] = min;
  sums[at + 4] = max;
  sums[at + 5] += below;
  sums[at + 6] += above;
}

function addCategories(
  { cells }: Tally,
  column: Watched,
  values: Float32Array,
  width: number,
  rows: number,
): void {
  for (let row = 0, place = column.start; row < rows; row++, place += width) {
    cells[cellOfCategory(column, values, place)]++;
  }
}

/** A null is NaN in every column of its feature, an unseen category 0 in all of them. */
function cellOfCategory({ cell, cells, reference }: Watched, values: Float32Array, place: number): number {
  for (let i = 0; i < cells.length; i++) {
    const value = values[place + i];
    if (value !== 0) {
      return cell + (value === 1 ? cells[i] : reference.counts.length);
    }
  }
  return cell + reference.counts.length - 1;
}

/** The cell of each category that the model knows: its own, that of the rare ones, or that of the unseen ones. */
function cellsOf(feature: FeatureSpec, { bins }: ColumnProfile): Int32Array {
  if (feature.type === 'number' || bins.kind !== 'categorical') {
    return new Int32Array(0);
  }
  return Int32Array.from(feature.categories, (name) => {
    const place = bins.categories.indexOf(name);
    return place >= 0 ? place : bins.categories.length + (bins.rare.includes(name) ? 0 : 1);
  });
}

function profileOf(column: Watched, index: number, tallies: readonly Tally[]): ColumnProfile {
  const { reference, cell } = column;
  const total = (at: number) => tallies.reduce((sum, tally) => sum + tally.cells[at], 0);
  const sum = (place: number) => tallies.reduce((all, tally) => all + tally.sums[SUMS * index + place], 0);
  const end = (pick: (...values: number[]) => number, place: number) =>
    pick(...tallies.map((tally) => tally.sums[SUMS * index + place]));
  const finite = sum(0);
  return {
    name: reference.name,
    bins: reference.bins,
    rows: tallies.reduce((rows, tally) => rows + tally.rows, 0),
    nulls: total(cell + reference.counts.length),
    counts: reference.counts.map((_, i) => total(cell + i)),
    moments:
      column.numeric === null
        ? null
        : {
            finite,
            pivot: pivotOf(reference.bins as NumericBins),
            sum: sum(1),
            sum_squares: sum(2),
            min: finite === 0 ? null : end(Math.min, 3),
            max: finite === 0 ? null : end(Math.max, 4),
            below: sum(5),
            above: sum(6),
          },
    unseen: [],
    groups: null,
  };
}
