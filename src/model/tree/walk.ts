import type { Forest } from './forest.js';

/** Rows walked through one tree before the next: their values and the tree stay in the processor's cache. */
const BLOCK = 256;

/**
 * Log-odds of `rows` rows of `values` (row by row, `forest.columns` wide, NaN for missing), equal to the bit to those of
 * XGBoost: float32 sums in the order of the trees, starting from the base margin.
 */
export function forestMargins(forest: Forest, values: Float32Array, rows: number): Float32Array {
  const margins = new Float32Array(rows).fill(forest.baseMargin);
  for (let start = 0; start < rows; start += BLOCK) {
    const end = Math.min(start + BLOCK, rows);
    for (let tree = 0; tree < forest.roots.length; tree++) {
      addTree(forest, forest.roots[tree], values, start, end, margins);
    }
  }
  return margins;
}

function addTree(
  forest: Forest,
  root: number,
  values: Float32Array,
  start: number,
  end: number,
  margins: Float32Array,
): void {
  const { columns, column, threshold, left, right, missingLeft, leaf } = forest;
  for (let row = start; row < end; row++) {
    const offset = row * columns;
    let node = root;
    let tested = column[node];
    while (tested >= 0) {
      const value = values[offset + tested];
      if (value < threshold[node]) {
        node = left[node];
      } else if (value >= threshold[node]) {
        node = right[node];
      } else {
        node = missingLeft[node] === 1 ? left[node] : right[node];
      }
      tested = column[node];
    }
    // Storing into a Float32Array rounds, as Math.fround would.
    margins[row] += leaf[node];
  }
}
