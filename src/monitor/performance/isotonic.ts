import { sortDescending } from '../../maths/argsort.js';
import type { Scores } from './measure.js';

/** A rising curve by its corners: straight between them, level before the first and after the last. */
export interface Curve {
  x: number[];
  y: number[];
}

/** Rows by rising score, side by side in memory, for fits on parts of them. */
export interface SortedRows {
  scores: Float64Array;
  labels: Uint8Array;
  weights: Float64Array | null;
  /** Which row stands where. */
  order: Uint32Array;
}

export function sortRows(labels: Uint8Array, scores: Scores, weights?: Float64Array): SortedRows {
  const falling = sortDescending(scores);
  const order = falling.order.reverse();
  const rows: SortedRows = {
    order,
    scores: falling.values.reverse(),
    labels: new Uint8Array(order.length),
    weights: weights ? new Float64Array(order.length) : null,
  };
  for (let i = 0; i < order.length; i++) {
    rows.labels[i] = labels[order[i]];
    if (rows.weights && weights) {
      rows.weights[i] = weights[order[i]];
    }
  }
  return rows;
}

/** Room for the blocks of a fit; fits one after another can share it. */
export type Blocks = Record<'first' | 'last' | 'weight' | 'sum', Float64Array>;

export function roomFor(rows: number): Blocks {
  const room = () => new Float64Array(rows);
  return { first: room(), last: room(), weight: room(), sum: room() };
}

/**
 * Isotonic regression of the label on the score: the rising curve that is closest to the labels in squared error, by
 * pooling neighbours that fall. Rows of one score count as one point. Rows whose fold is `left` stay out; without any row
 * the curve is empty. O(rows) on sorted rows.
 * Source: Barlow et al. 1972 (pool adjacent violators); scikit-learn IsotonicRegression(out_of_bounds="clip").
 */
export function isotonicFit(
  { labels, scores, weights }: SortedRows,
  { folds, left, room = roomFor(labels.length) }: { folds?: Uint8Array; left?: number; room?: Blocks } = {},
): Curve {
  const { first, last, weight, sum } = room;
  let top = -1;
  for (let i = 0; i < labels.length; ) {
    const score = scores[i];
    let here = 0;
    let of = 0;
    do {
      if (folds === undefined || folds[i] !== left) {
        const own = weights ? weights[i] : 1;
        here += own;
        of += own * labels[i];
      }
      i++;
    } while (i < labels.length && scores[i] === score);
    if (here === 0) {
      continue;
    }
    if (top < 0 || sum[top] * here < of * weight[top]) {
      top++;
      first[top] = score;
      weight[top] = here;
      sum[top] = of;
    } else {
      weight[top] += here;
      sum[top] += of;
      top = pool(top, room);
    }
    last[top] = score;
  }
  return corners(top + 1, room);
}

/** Joins the top block with those below it while they do not lie below it; returns what is the top then. */
function pool(block: number, { weight, sum }: Blocks): number {
  let top = block;
  while (top > 0 && sum[top - 1] * weight[top] >= sum[top] * weight[top - 1]) {
    sum[top - 1] += sum[top];
    weight[top - 1] += weight[top];
    top--;
  }
  return top;
}

function corners(blocks: number, { first, last, weight, sum }: Blocks): Curve {
  const curve: Curve = { x: [], y: [] };
  for (let block = 0; block < blocks; block++) {
    const level = sum[block] / weight[block];
    curve.x.push(first[block]);
    curve.y.push(level);
    if (last[block] > first[block]) {
      curve.x.push(last[block]);
      curve.y.push(level);
    }
  }
  return curve;
}

/** The curve at rising scores, without searching; the scores themselves for an empty curve. */
export function curveAlong(curve: Curve, rising: Float64Array): Float64Array {
  return curvesAlong([curve], rising, new Uint8Array(rising.length));
}

/** The same with a curve for each fold, at the scores of that fold. */
export function curvesAlong(curves: readonly Curve[], rising: Float64Array, folds: Uint8Array): Float64Array {
  const values = new Float64Array(rising.length);
  const right = new Uint32Array(curves.length);
  for (let i = 0; i < rising.length; i++) {
    const fold = folds[i];
    const { x } = curves[fold];
    const score = rising[i];
    let corner = right[fold];
    while (corner < x.length && x[corner] < score) {
      corner++;
    }
    right[fold] = corner;
    values[i] = x.length === 0 ? score : between(curves[fold], score, corner);
  }
  return values;
}

/** @param right The first corner that is not left of the score. */
function between({ x, y }: Curve, score: number, right: number): number {
  if (right === 0) {
    return y[0];
  }
  if (right === x.length) {
    return y[right - 1];
  }
  const share = (score - x[right - 1]) / (x[right] - x[right - 1]);
  return y[right - 1] + share * (y[right] - y[right - 1]);
}
