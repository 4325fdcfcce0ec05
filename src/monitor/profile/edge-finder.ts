/** Cells of the look-up table: a few kilobytes, and about one edge a cell where values spread evenly. */
const CELLS = 4096;

/** Finds the first edge that is not below a number, as lowerBound does, in a few steps for most numbers. */
export interface EdgeFinder {
  find(x: number): number;
}

/**
 * A table over equal parts of the edges' range narrows the search to the edges of one part. The part of a number rises with it,
 * so an edge in an earlier part is below the number and one in a later part is not.
 */
export function edgeFinder(edges: Float64Array): EdgeFinder {
  const count = edges.length;
  const low = count === 0 ? 0 : edges[0];
  const span = count === 0 ? 0 : edges[count - 1] - low;
  const scale = span > 0 && Number.isFinite(span) && Number.isFinite(CELLS / span) ? CELLS / span : 0;
  const first = new Uint32Array(CELLS + 2);
  let next = 0;
  for (let cell = 0; cell <= CELLS + 1; cell++) {
    while (next < count && Math.floor((edges[next] - low) * scale) < cell) {
      next++;
    }
    first[cell] = next;
  }
  const find = (x: number): number => {
    const part = (x - low) * scale;
    // Also for infinities with a scale of 0, whose part is no number.
    const cell = part >= CELLS ? CELLS : part > 0 ? part | 0 : 0;
    let from = scale === 0 ? 0 : first[cell];
    let to = scale === 0 || cell === CELLS ? count : first[cell + 1];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (edges[middle] < x) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  };
  return { find };
}
