// Sorts doubles by the digits of their bits, six of eleven bits each, the last digit first. AssemblyScript; see scripts/wasm.mjs.

const DIGIT_BITS: u64 = 11;
const RADIX: u32 = 1 << 11;
const DIGITS: u32 = 6;
const SIGN: u64 = 1 << 63;

/**
 * Sorts so many values: -0 before 0. `spare` has room for as many values, `counts` for 6 x 2048 numbers of 32 bits,
 * all 0. Tells where the sorted values lie: at `values` or at `spare`.
 */
export function sort(values: usize, spare: usize, counts: usize, rows: u32): usize {
  for (let i: u32 = 0; i < rows; i++) {
    const at = values + (usize(i) << 3);
    const bits = load<u64>(at);
    // As unsigned numbers they then rise as the doubles do.
    const key = bits ^ (u64(i64(bits) >> 63) | SIGN);
    store<u64>(at, key);
    for (let digit: u32 = 0; digit < DIGITS; digit++) {
      const count = counts + (usize(digit * RADIX + digitOf(key, digit)) << 2);
      store<u32>(count, load<u32>(count) + 1);
    }
  }
  let from = values;
  let to = spare;
  for (let digit: u32 = 0; digit < DIGITS; digit++) {
    const ofDigit = counts + (usize(digit * RADIX) << 2);
    if (rows > 0 && load<u32>(ofDigit + (usize(digitOf(load<u64>(from), digit)) << 2)) == rows) {
      continue;
    }
    let start: u32 = 0;
    for (let bucket: u32 = 0; bucket < RADIX; bucket++) {
      const at = ofDigit + (usize(bucket) << 2);
      const count = load<u32>(at);
      store<u32>(at, start);
      start += count;
    }
    for (let i: u32 = 0; i < rows; i++) {
      const key = load<u64>(from + (usize(i) << 3));
      const next = ofDigit + (usize(digitOf(key, digit)) << 2);
      const place = load<u32>(next);
      store<u32>(next, place + 1);
      store<u64>(to + (usize(place) << 3), key);
    }
    const read = from;
    from = to;
    to = read;
  }
  for (let i: u32 = 0; i < rows; i++) {
    const at = from + (usize(i) << 3);
    const key = load<u64>(at);
    store<u64>(at, key ^ (((key >> 63) - 1) | SIGN));
  }
  return from;
}

@inline
function digitOf(key: u64, digit: u32): u32 {
  return u32(key >> (u64(digit) * DIGIT_BITS)) & (RADIX - 1);
}
