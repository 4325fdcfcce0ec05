const DIGIT_BITS = 11;
const DIGITS = 6;
const RADIX = 1 << DIGIT_BITS;

/** Rows of a bucket, on average, and those up to which it is sorted by insertion. */
const IN_BUCKET = 8;
const FEW = 64;

/** A full bucket is dealt again, so many times; then, or where that leaves most together, its values are sorted by digits. */
const ROUNDS = 3;

/** Values in descending order, and the index at which each stood. */
export interface Sorted {
  values: Float64Array;
  order: Uint32Array;
}

/** Indices that put `values` into descending order; see sortDescending. */
export function argsortDescending(values: Float64Array | Float32Array): Uint32Array {
  return sortDescending(values).order;
}

/**
 * Sorts a copy of `values`; equal values (-0 equals 0) keep their order. NaN sorts anywhere. Rows are dealt to buckets of
 * equal width between the extremes, each of which is then sorted: by insertion, or in the same way where many different
 * values fall into one. About 0.1 s for a million values.
 */
export function sortDescending(values: Float64Array | Float32Array, rounds = ROUNDS): Sorted {
  const n = values.length;
  // Variables taken from an array would be boxed anew by every row, here and below.
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < n; i++) {
    const value = values[i];
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(1, n / IN_BUCKET)));
  const scale = buckets / (high - low);
  if (rounds === 0 || !(scale > 0 && scale < Infinity)) {
    const order = sortByDigits(values);
    return { values: Float64Array.from(order, (row) => values[row]), order };
  }
  const last = buckets - 1;
  const starts = new Uint32Array(buckets + 1);
  for (let i = 0; i < n; i++) {
    const bucket = ((high - values[i]) * scale) | 0;
    starts[(bucket < last ? bucket : last) + 1]++;
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    starts[bucket + 1] += starts[bucket];
  }
  const order = new Uint32Array(n);
  const sorted = new Float64Array(n);
  const next = starts.slice();
  for (let i = 0; i < n; i++) {
    const bucket = ((high - values[i]) * scale) | 0;
    const at = next[bucket < last ? bucket : last]++;
    order[at] = i;
    sorted[at] = values[i];
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = starts[bucket];
    const to = starts[bucket + 1];
    if (to - from <= FEW || descends(sorted, from, to)) {
      insert(order, sorted, from, to);
    } else {
      const rows = order.slice(from, to);
      const within = sortDescending(sorted.slice(from, to), to - from > n / 4 ? 0 : rounds - 1);
      sorted.set(within.values, from);
      for (let i = from; i < to; i++) {
        order[i] = rows[within.order[i - from]];
      }
    }
  }
  return { values: sorted, order };
}

/** Whether a stretch is sorted as it is: one value many times, most often. */
function descends(sorted: Float64Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) {
    if (sorted[i - 1] < sorted[i]) {
      return false;
    }
  }
  return true;
}

/** Sorts a stretch by insertion; equal values keep their order. */
function insert(order: Uint32Array, sorted: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const value = sorted[i];
    const row = order[i];
    let at = i;
    while (at > from && sorted[at - 1] < value) {
      sorted[at] = sorted[at - 1];
      order[at] = order[at - 1];
      at--;
    }
    sorted[at] = value;
    order[at] = row;
  }
}

/** The same by least significant digits of the 64 bits of the doubles, at the same cost however the values lie. */
function sortByDigits(values: Float64Array | Float32Array): Uint32Array {
  const n = values.length;
  const low = new Uint32Array(n);
  const high = new Uint32Array(n);
  fillKeys(values, low, high);
  const histogram = digitHistogram(low, high);
  let order = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    order[i] = i;
  }
  let spare = new Uint32Array(n);
  for (let digit = 0; digit < DIGITS; digit++) {
    const counts = histogram.subarray(digit * RADIX, (digit + 1) * RADIX);
    if (n > 0 && counts[digitOf(low[0], high[0], digit)] === n) {
      continue;
    }
    let start = 0;
    for (let bucket = 0; bucket < RADIX; bucket++) {
      const count = counts[bucket];
      counts[bucket] = start;
      start += count;
    }
    for (let i = 0; i < n; i++) {
      const row = order[i];
      spare[counts[digitOf(low[row], high[row], digit)]++] = row;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

/** Unsigned keys whose ascending order is the descending order of the doubles. */
function fillKeys(values: Float64Array | Float32Array, low: Uint32Array, high: Uint32Array): void {
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  for (let i = 0; i < values.length; i++) {
    double[0] = values[i] + 0;
    const negative = words[1] >>> 31 === 1;
    low[i] = negative ? words[0] : ~words[0];
    high[i] = negative ? words[1] : ~(words[1] | 0x80000000);
  }
}

function digitOf(low: number, high: number, digit: number): number {
  switch (digit) {
    case 0:
      return low & 0x7ff;
    case 1:
      return (low >>> 11) & 0x7ff;
    case 2:
      return ((low >>> 22) | (high << 10)) & 0x7ff;
    case 3:
      return (high >>> 1) & 0x7ff;
    case 4:
      return (high >>> 12) & 0x7ff;
    default:
      return high >>> 23;
  }
}

function digitHistogram(low: Uint32Array, high: Uint32Array): Uint32Array {
  const histogram = new Uint32Array(DIGITS * RADIX);
  for (let i = 0; i < low.length; i++) {
    for (let digit = 0; digit < DIGITS; digit++) {
      histogram[digit * RADIX + digitOf(low[i], high[i], digit)]++;
    }
  }
  return histogram;
}
