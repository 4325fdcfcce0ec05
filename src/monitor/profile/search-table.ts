/** Parts of the edges' range: so many more than edges that few lie in one. */
export const CELLS = 1024;

/**
 * Narrows the search for an edge to those of one equal part of their range. The part of a number rises with it, so an edge in an
 * earlier part is below the number and one in a later part is not. The kernel searches in it.
 */
export interface SearchTable {
  /** How many edges there are. */
  edges: number;
  /** The part of x is (x - low) * scale, whole and within 0 and CELLS. */
  low: number;
  scale: number;
  /** The first edge in each part or behind it; CELLS + 2 of them. */
  first: Uint32Array;
  /** A power of two above half of the edges of any one part. */
  half: number;
  /** The edges, then twice `half` infinities. */
  padded: Float64Array;
}

/** Of finite, strictly rising edges. */
export function searchTable(edges: readonly number[]): SearchTable {
  const count = edges.length;
  const lowest = count === 0 ? 0 : edges[0];
  // Just below a spike at 0 lies the smallest number there is, with which processors reckon slowly.
  const low = Math.abs(lowest) < SMALLEST_NORMAL ? 0 : lowest;
  const span = count === 0 ? 0 : edges[count - 1] - low;
  const scale = span > 0 && Number.isFinite(span) && Number.isFinite(CELLS / span) ? CELLS / span : 0;
  const first = new Uint32Array(CELLS + 2).fill(count);
  let next = 0;
  let most = 0;
  for (let cell = 0; cell <= CELLS; cell++) {
    first[cell] = next;
    while (next < count && cellOf(edges[next], low, scale) === cell) {
      next++;
    }
    most = Math.max(most, next - first[cell]);
  }
  const half = most === 0 ? 1 : 2 ** Math.floor(Math.log2(most));
  const padded = new Float64Array(count + 2 * half).fill(Infinity);
  padded.set(edges);
  return { edges: count, low, scale, first, half, padded };
}

const SMALLEST_NORMAL = 2 ** -1022;

/** As the kernel has it. */
function cellOf(x: number, low: number, scale: number): number {
  const part = (x - low) * scale;
  return part >= CELLS ? CELLS : part > 0 ? part | 0 : 0;
}
