import type { Counter, Tally } from './counter.js';

export interface WindowOptions {
  counter: Counter;
  /** Values of an encoded row. */
  width: number;
  slices: number;
  rowsPerSlice: number;
}

/**
 * The newest served rows, in slices: as a new one begins the oldest leaves. Rows are kept as they came and counted when
 * somebody looks, so a row that leaves before is never counted: under load most are.
 */
export interface ServedWindow {
  add(row: Float32Array, probability: number): void;
  /** Rows one after another, with the probability of each. */
  addRows(values: Float32Array, probabilities: Float32Array): void;
  /** Counts what was not counted yet. */
  tallies(): Tally[];
}

interface Slice {
  rows: number;
  /** Rows of these that are in the tally. */
  counted: number;
  tally: Tally;
  values: Float32Array;
  probabilities: Float32Array;
}

export function servedWindow({ counter, width, slices: most, rowsPerSlice }: WindowOptions): ServedWindow {
  const slices: Slice[] = [];
  let filling: Slice | null = null;

  function roomySlice(): Slice {
    if (filling === null || filling.rows === rowsPerSlice) {
      filling = slices.length < most ? newSlice() : emptied(slices.shift() as Slice);
      slices.push(filling);
    }
    return filling;
  }

  function newSlice(): Slice {
    return {
      rows: 0,
      counted: 0,
      tally: counter.newTally(),
      values: new Float32Array(rowsPerSlice * width),
      probabilities: new Float32Array(rowsPerSlice),
    };
  }

  function emptied(slice: Slice): Slice {
    slice.tally = slice.counted === 0 ? slice.tally : counter.newTally();
    slice.rows = 0;
    slice.counted = 0;
    return slice;
  }

  function count(slice: Slice): Tally {
    const { counted, rows, values, probabilities } = slice;
    const fresh = values.subarray(counted * width);
    counter.add(slice.tally, fresh, probabilities.subarray(counted), rows - counted);
    slice.counted = rows;
    return slice.tally;
  }

  return {
    add: (row, probability) => {
      const slice = roomySlice();
      slice.values.set(row, slice.rows * width);
      slice.probabilities[slice.rows++] = probability;
    },
    addRows: (values, probabilities) => {
      for (let from = 0; from < probabilities.length; ) {
        const slice = roomySlice();
        const to = Math.min(from + rowsPerSlice - slice.rows, probabilities.length);
        slice.values.set(values.subarray(from * width, to * width), slice.rows * width);
        slice.probabilities.set(probabilities.subarray(from, to), slice.rows);
        slice.rows += to - from;
        from = to;
      }
    },
    tallies: () => slices.map(count),
  };
}
