import { argsortDescending } from '../../maths/argsort.js';
import { lowerBound } from '../../maths/sorted.js';
import type { Scores } from './measure.js';

/** A rising curve by its corners: straight between them, level before the first and after the last. */
export interface Curve {
  x: number[];
  y: number[];
}

/** Rows by rising score, for fits on parts of them. */
export interface SortedRows {
  labels: Uint8Array;
  scores: Scores;
  /** Indices of the rows, lowest score first. */
  order: Uint32Array;
}

export function sortRows(labels: Uint8Array, scores: Scores): SortedRows {
  return { labels, scores, order: argsortDescending(scores).reverse() };
}

/**
 * Isotonic regression of the label on the score: the rising curve that is closest to the labels in squared error, by
 * pooling neighbours that fall. Rows of one score count as one point. Rows for which `left` is true stay out; without
 * any row the curve is empty. O(rows) on sorted rows.
 * Source: Barlow et al. 1972 (pool adjacent violators); scikit-learn IsotonicRegression(out_of_bounds="clip").
 */
export function isotonicFit(
  { labels, scores, order }: SortedRows,
  { left, weights }: { left?: (row: number) => boolean; weights?: Float64Array } = {},
): Curve {
  const first = new Float64Array(order.length);
  const last = new Float64Array(order.length);
  const weight = new Float64Array(order.length);
  const sum = new Float64Array(order.length);
  let blocks = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i];
    if (left?.(row)) {
      continue;
    }
    const score = scores[row];
    const here = weights ? weights[row] : 1;
    if (blocks > 0 && last[blocks - 1] === score) {
      weight[blocks - 1] += here;
      sum[blocks - 1] += here * labels[row];
      continue;
    }
    blocks = pool(blocks, weight, sum, last);
    first[blocks] = score;
    last[blocks] = score;
    weight[blocks] = here;
    sum[blocks] = here * labels[row];
    blocks++;
  }
  blocks = pool(blocks, weight, sum, last);
  return corners(blocks, first, last, (block) => sum[block] / weight[block]);
}

/** Joins the last block with those before it while it does not lie above them; returns the number of blocks left. */
function pool(blocks: number, weight: Float64Array, sum: Float64Array, last: Float64Array): number {
  let count = blocks;
  while (count > 1 && sum[count - 2] * weight[count - 1] >= sum[count - 1] * weight[count - 2]) {
    sum[count - 2] += sum[count - 1];
    weight[count - 2] += weight[count - 1];
    last[count - 2] = last[count - 1];
    count--;
  }
  return count;
}

function corners(
  blocks: number,
  first: Float64Array,
  last: Float64Array,
  level: (block: number) => number,
): Curve {
  const curve: Curve = { x: [], y: [] };
  for (let block = 0; block < blocks; block++) {
    const value = level(block);
    curve.x.push(first[block]);
    curve.y.push(value);
    if (last[block] > first[block]) {
      curve.x.push(last[block]);
      curve.y.push(value);
    }
  }
  return curve;
}

/** The curve at a score; the score itself for an empty curve. */
export function curveAt({ x, y }: Curve, score: number): number {
  if (x.length === 0) {
    return score;
  }
  const right = lowerBound(x, score);
  if (right === 0) {
    return y[0];
  }
  if (right === x.length) {
    return y[right - 1];
  }
  const share = (score - x[right - 1]) / (x[right] - x[right - 1]);
  return y[right - 1] + share * (y[right] - y[right - 1]);
}
