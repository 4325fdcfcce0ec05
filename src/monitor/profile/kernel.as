// Counts a block of numbers over the bins of one column. AssemblyScript (https://www.assemblyscript.org), TypeScript that
// becomes WebAssembly; `node scripts/wasm.mjs` writes what becomes of it to kernel-bytes.ts.
//
// Nothing is kept here between calls but the memory, which kernel.ts lays out and fills.

/** Bytes of a number, and of a place or a count. */
const NUMBER: usize = 8;
const PLACE: usize = 4;

/**
 * Writes the place of each number: the first of the ascending `edges` that is not below it, `nan` for NaN. A table over `cells`
 * equal parts of the edges' range says the first edge in each part or behind it. `half` is a power of two above half of the
 * edges that lie in any one part; as many infinities follow the edges as that is twice.
 */
export function locate(
  values: usize,
  rows: i32,
  low: f64,
  scale: f64,
  cells: i32,
  first: usize,
  edges: usize,
  half: u32,
  nan: u32,
  places: usize,
): void {
  for (let i: usize = 0; i < usize(rows); i++) {
    const x = load<f64>(values + i * NUMBER);
    const part = (x - low) * scale;
    // No number (infinities with a scale of 0) and what lies below are in the first part.
    const cell = part >= f64(cells) ? cells : part > 0 ? i32(part) : 0;
    let place = load<u32>(first + usize(cell) * PLACE);
    for (let step = half; step > 2; step >>>= 1) {
      place = later(place, step, edges, x);
    }
    place = later(place, 2, edges, x);
    place = later(place, 1, edges, x);
    store<u32>(places + i * PLACE, x == x ? place : nan);
  }
}

/** So many edges on where the last of them is still below. Without a branch, which processors would have to guess. */
@inline
function later(place: u32, step: u32, edges: usize, x: f64): u32 {
  return place + u32(load<f64>(edges + usize(place + step - 1) * NUMBER) < x) * step;
}

/** Adds one to the count at each place. */
export function tally(places: usize, rows: i32, counts: usize): void {
  for (let i: usize = 0; i < usize(rows); i++) {
    const at = counts + usize(load<u32>(places + i * PLACE)) * PLACE;
    store<u32>(at, load<u32>(at) + 1);
  }
}

/**
 * Adds to eight sums, in this order: rows (left alone), finite numbers, the sum of their deviations from `pivot` and of the
 * squares of these, the smallest, the largest, numbers below `low` and above `high`.
 */
export function addMoments(values: usize, rows: i32, sums: usize, pivot: f64, low: f64, high: f64): void {
  let finite = 0;
  let sum = load<f64>(sums, 2 * NUMBER);
  let squares = load<f64>(sums, 3 * NUMBER);
  let min = load<f64>(sums, 4 * NUMBER);
  let max = load<f64>(sums, 5 * NUMBER);
  let below = 0;
  let above = 0;
  for (let i: usize = 0; i < usize(rows); i++) {
    const x = load<f64>(values + i * NUMBER);
    below += i32(x < low);
    above += i32(x > high);
    if (x - x == 0) {
      const deviation = x - pivot;
      finite++;
      sum += deviation;
      squares += deviation * deviation;
      if (x < min) {
        min = x;
      }
      if (x > max) {
        max = x;
      }
    }
  }
  store<f64>(sums, load<f64>(sums, NUMBER) + f64(finite), NUMBER);
  store<f64>(sums, sum, 2 * NUMBER);
  store<f64>(sums, squares, 3 * NUMBER);
  store<f64>(sums, min, 4 * NUMBER);
  store<f64>(sums, max, 5 * NUMBER);
  store<f64>(sums, load<f64>(sums, 6 * NUMBER) + f64(below), 6 * NUMBER);
  store<f64>(sums, load<f64>(sums, 7 * NUMBER) + f64(above), 7 * NUMBER);
}
