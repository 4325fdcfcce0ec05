import { sortNumbers } from './sort.js';

/** Sorted copy of the finite values, -0 as 0; the input is not changed. */
export function finiteSorted(sample: Float64Array): Float64Array {
  const finite = new Float64Array(sample.length);
  let count = 0;
  let rising = true;
  for (let i = 0; i < sample.length; i++) {
    const value = sample[i];
    if (Number.isFinite(value)) {
      rising &&= count === 0 || value >= finite[count - 1];
      finite[count++] = value + 0;
    }
  }
  const kept = finite.subarray(0, count);
  return rising ? kept : sortNumbers(kept);
}

/** Sorted copy without NaN (infinities stay); the input is not changed. */
export function sortedWithoutNaN(sample: Float64Array): Float64Array {
  const kept = new Float64Array(sample.length);
  let count = 0;
  for (let i = 0; i < sample.length; i++) {
    const value = sample[i];
    if (!Number.isNaN(value)) {
      kept[count++] = value;
    }
  }
  return sortNumbers(kept.subarray(0, count));
}

/**
 * Quantile of sorted values[from, to) as numpy's default (linear; Hyndman and Fan type 7), to the bit:
 * position (n - 1) q, between two values a + (b - a) t, taken from b when t >= 1/2. NaN without values.
 */
export function quantileSorted(sorted: Float64Array, q: number, from = 0, to = sorted.length): number {
  if (to <= from) {
    return Number.NaN;
  }
  const position = (to - from - 1) * q;
  const index = Math.min(Math.floor(position), to - from - 1);
  const low = sorted[from + index];
  const high = sorted[Math.min(from + index + 1, to - 1)];
  const t = position - index;
  if (low === high || t === 0) {
    return low;
  }
  return t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t;
}

/** First index whose value is >= `x` (the length if none). */
export function lowerBound(sorted: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** A sorted array for lowerBoundPadded: filled up with infinities to a length of 2^k - 1. */
export function padded(sorted: ArrayLike<number>): Float64Array {
  const values = new Float64Array(2 ** Math.ceil(Math.log2(sorted.length + 1)) - 1).fill(Infinity);
  values.set(sorted);
  return values;
}

/** As lowerBound of what was padded, twice as fast where the answer cannot be foreseen: it takes no branch. */
export function lowerBoundPadded(values: Float64Array, x: number): number {
  let at = 0;
  for (let half = (values.length + 1) >>> 1; half > 0; half >>>= 1) {
    at += Number(values[at + half - 1] < x) * half;
  }
  return at;
}

/** First index whose value is > `x` (the length if none). */
export function upperBound(sorted: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** A distinct value and the half-open range of its places in a sorted array. */
export interface Run {
  value: number;
  from: number;
  to: number;
}

/** The distinct values of a sorted array in order, each with its places. */
export function* runsOf(sorted: Float64Array): Generator<Run> {
  let from = 0;
  while (from < sorted.length) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) {
      to++;
    }
    yield { value: sorted[from], from, to };
    from = to;
  }
}
