/** Cells of the look-up table: 32 kilobytes, and so many more than edges that few values lie in a cell with one. */
const CELLS = 16_384;

/** Finds for numbers the first edge that is not below them, as lowerBound does, in a few steps for most. */
export interface EdgeFinder {
  /** Writes the places of values[from, to) to the beginning of `places`: 0 to edges.length, and edges.length + 1 for NaN. */
  find(values: ArrayLike<number>, from: number, to: number, places: Uint32Array): void;
}

/**
 * A table over equal parts of the edges' range narrows the search to the edges of one part. The part of a number rises with it,
 * so an edge in an earlier part is below the number and one in a later part is not.
 */
export function edgeFinder(edges: Float64Array): EdgeFinder {
  const table = tableOf(edges);
  return { find: (values, from, to, places) => locate(table, values, from, to, places) };
}

interface Table {
  edges: Float64Array;
  low: number;
  scale: number;
  /** The first edge in each part or behind it. */
  first: Uint16Array | Uint32Array;
}

function tableOf(edges: Float64Array): Table {
  const count = edges.length;
  const lowest = count === 0 ? 0 : edges[0];
  // Just below a spike at 0 lies the smallest number there is, with which processors reckon slowly.
  const low = Math.abs(lowest) < SMALLEST_NORMAL ? 0 : lowest;
  const span = count === 0 ? 0 : edges[count - 1] - low;
  const scale = span > 0 && Number.isFinite(span) && Number.isFinite(CELLS / span) ? CELLS / span : 0;
  const first = new (count < 2 ** 16 ? Uint16Array : Uint32Array)(CELLS + 2).fill(count);
  let next = 0;
  for (let cell = 0; cell <= CELLS; cell++) {
    first[cell] = next;
    while (next < count && cellOf(edges[next], low, scale) === cell) {
      next++;
    }
  }
  return { edges, low, scale, first };
}

const SMALLEST_NORMAL = 2 ** -1022;

function cellOf(x: number, low: number, scale: number): number {
  const part = (x - low) * scale;
  // No number (infinities with a scale of 0) and what lies below are in the first part.
  return part >= CELLS ? CELLS : part > 0 ? part | 0 : 0;
}

function locate(
  { edges, low, scale, first }: Table,
  values: ArrayLike<number>,
  from: number,
  to: number,
  places: Uint32Array,
): void {
  const nan = edges.length + 1;
  for (let i = from; i < to; i++) {
    const x = values[i];
    const cell = cellOf(x, low, scale);
    let place = first[cell];
    let end = first[cell + 1];
    if (place < end) {
      // The last edge of a part is the value of most numbers there when it is a spike.
      if (x === edges[end - 1]) {
        place = end - 1;
      } else {
        while (place < end) {
          const middle = (place + end) >>> 1;
          if (edges[middle] < x) {
            place = middle + 1;
          } else {
            end = middle;
          }
        }
      }
    }
    places[i - from] = Number.isNaN(x) ? nan : place;
  }
}
