import { lowerBound } from '../../maths/sorted.js';
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
  numeric: { edges: Float64Array; low: number; high: number; pivot: number } | null;
  /** Of a category: the cell of each column of the encoding. */
  cells: Int32Array;
}

/** Counts encoded rows over the bins of a reference profile. */
export interface Counter {
  /** The references that rows are compared with. */
  readonly references: ColumnProfile[];
  newTally(): Tally;
  add(tally: Tally, row: Float32Array, probability: number): void;
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
            edges: Float64Array.from(bins.edges),
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
    add: (tally, row, probability) => {
      tally.rows++;
      for (let i = 0; i < watched.length; i++) {
        const column = watched[i];
        if (column.numeric === null) {
          tally.cells[cellOfCategory(column, row)]++;
        } else {
          addNumber(tally, column, i, column.start < 0 ? Math.fround(probability) : row[column.start]);
        }
      }
    },
    profiles: (tallies) => watched.map((column, i) => profileOf(column, i, tallies)),
  };
}

function addNumber({ cells, sums }: Tally, column: Watched, index: number, value: number): void {
  const { edges, low, high, pivot } = column.numeric!;
  if (Number.isNaN(value)) {
    cells[column.cell + edges.length + 1]++;
    return;
  }
  cells[column.cell + lowerBound(edges, value)]++;
  const at = SUMS * index;
  const deviation = value - pivot;
  sums[at]++;
  sums[at + 1] += deviation;
  sums[at + 2] += deviation * deviation;
  if (value < sums[at + 3]) {
    sums[at + 3] = value;
  }
  if (value > sums[at + 4]) {
    sums[at + 4] = value;
  }
  if (value < low) {
    sums[at + 5]++;
  } else if (value > high) {
    sums[at + 6]++;
  }
}

/** A null is NaN in every column of its feature, an unseen category 0 in all of them. */
function cellOfCategory({ start, cell, cells, reference }: Watched, row: Float32Array): number {
  for (let i = 0; i < cells.length; i++) {
    if (row[start + i] !== 0) {
      return cell + (row[start + i] === 1 ? cells[i] : reference.counts.length);
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
