import { growTo, instantiate, type WasmMemory } from '../../maths/wasm.js';
import { BYTES } from './kernel-bytes.js';
import { CELLS, type SearchTable } from './search-table.js';

/** Numbers that are worked on at a time: what is known of them stays near the processor. */
export const BLOCK = 2048;

/** Sums of a column, in one typed array. */
export const [ROWS, FINITE, SUM, SQUARES, MIN, MAX, BELOW, ABOVE] = [0, 1, 2, 3, 4, 5, 6, 7];
export const SUMS = 8;

/**
 * The innermost loops of counting (kernel.as) in WebAssembly: half the time that they take as JavaScript, from the first row on.
 * They work on the block that was loaded last; of columns only the table that was used last is kept.
 */
export interface Kernel {
  /** Takes in values[from, to), at most BLOCK of them. */
  load(values: ArrayLike<number>, from: number, to: number): void;
  /** The place of each number: 0 to the number of edges, one more for NaN. Overwritten by the next call. */
  locate(table: SearchTable): Uint32Array;
  /** Adds one to counts[place] for each number that was located. */
  tally(counts: Float64Array): void;
  /** Adds to the sums (but for ROWS); deviations are from `pivot`. */
  addMoments(sums: Float64Array, pivot: number, range: readonly [number, number]): void;
}

interface Loops {
  locate(
    values: number,
    rows: number,
    low: number,
    scale: number,
    cells: number,
    first: number,
    edges: number,
    half: number,
    nan: number,
    places: number,
  ): void;
  tally(places: number, rows: number, counts: number): void;
  addMoments(values: number, rows: number, sums: number, pivot: number, low: number, high: number): void;
}

let opened: Kernel | null = null;

/** The one of this thread. Its calls wait for nothing, so no other use comes between. */
export function kernel(): Kernel {
  opened ??= openKernel();
  return opened;
}

/** Edges that the memory has room for at first: more than profiles of ours have. */
const USUAL_EDGES = 1024;

function openKernel(): Kernel {
  const { memory, ...loops } = instantiate<Loops>(BYTES);
  let parts = layOut(memory, USUAL_EDGES);
  let rows = 0;
  let table: SearchTable | null = null;

  const use = (next: SearchTable) => {
    if (next.padded.length > parts.edges.length) {
      parts = layOut(memory, next.padded.length);
    }
    parts.first.set(next.first);
    parts.edges.set(next.padded);
    table = next;
  };

  return {
    load: (values, from, to) => {
      rows = to - from;
      if (ArrayBuffer.isView(values)) {
        parts.values.set(rows === values.length ? values : (values as Float64Array).subarray(from, to));
      } else {
        for (let i = 0; i < rows; i++) {
          parts.values[i] = values[from + i];
        }
      }
    },
    locate: (wanted) => {
      if (table !== wanted) {
        use(wanted);
      }
      const { values, first, edges, places } = parts;
      loops.locate(
        values.byteOffset,
        rows,
        wanted.low,
        wanted.scale,
        CELLS,
        first.byteOffset,
        edges.byteOffset,
        wanted.half,
        wanted.edges + 1,
        places.byteOffset,
      );
      return places;
    },
    tally: (counts) => {
      const { places, counts: ofBlock } = parts;
      ofBlock.fill(0, 0, counts.length);
      loops.tally(places.byteOffset, rows, ofBlock.byteOffset);
      for (let i = 0; i < counts.length; i++) {
        counts[i] += ofBlock[i];
      }
    },
    addMoments: (sums, pivot, [low, high]) => {
      const { values, sums: ofColumn } = parts;
      ofColumn.set(sums);
      loops.addMoments(values.byteOffset, rows, ofColumn.byteOffset, pivot, low, high);
      sums.set(ofColumn);
    },
  };
}

/** The parts of the memory, with room for so many edges. Places are where they were when it grows. */
function layOut(memory: WasmMemory, edges: number) {
  const sumsAt = BLOCK * 8;
  const placesAt = sumsAt + SUMS * 8;
  const firstAt = placesAt + BLOCK * 4;
  const countsAt = firstAt + (CELLS + 2) * 4;
  const edgesAt = countsAt + Math.ceil((edges + 2) / 2) * 8;
  growTo(memory, edgesAt + edges * 8);
  const { buffer } = memory;
  return {
    values: new Float64Array(buffer, 0, BLOCK),
    sums: new Float64Array(buffer, sumsAt, SUMS),
    places: new Uint32Array(buffer, placesAt, BLOCK),
    first: new Uint32Array(buffer, firstAt, CELLS + 2),
    counts: new Uint32Array(buffer, countsAt, edges + 2),
    edges: new Float64Array(buffer, edgesAt, edges),
  };
}
