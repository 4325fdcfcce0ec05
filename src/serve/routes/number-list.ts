import { arrayPool } from '../array-pool.js';

/** The columns of two or three large batches. */
const pool = arrayPool((length) => new Float64Array(length), 8 * 1024 * 1024);

/** Gives a list back that is not used any more. */
export function giveBack(values: Float64Array): void {
  pool.give(new Float64Array(values.buffer as ArrayBuffer));
}

/** A list of numbers read from the bytes of a JSON document. */
export interface NumberList {
  /** NaN for null. */
  values: Float64Array;
  /** The place behind the list. */
  end: number;
}

/** Beyond float32; such a number is left to JSON.parse, so that its column can be refused with the number that came. */
const LARGEST = 3.4028234663852886e38;

const SPACE = 0x20;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const UPPER_E = 0x45;
const CLOSE_LIST = 0x5d;
const LOWER_E = 0x65;
const LETTER_N = 0x6e;

/** Digits that a double holds exactly, and powers of ten that do: their quotient is the nearest double. */
const EXACT_DIGITS = 15;
/** Digits that a whole number of 32 bits holds. */
const SHORT_DIGITS = 9;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/** Longer numbers, and those with exponents, are read one by one; a list of many is read faster by JSON.parse. */
const MOST_LONG = 100;

/**
 * Reads the list that opens at `open`: numbers as JSON writes them and nulls. Null for a list with anything else
 * in it, and for one with many numbers of more than 15 digits.
 * @param rows how many to make room for; more are taken
 */
export function readNumberList(bytes: Buffer, open: number, rows: number): NumberList | null {
  let values = pool.take(rows);
  let count = 0;
  let long = 0;
  let at = afterSpace(bytes, open + 1);
  if (bytes[at] === CLOSE_LIST) {
    return { values: values.subarray(0, 0), end: at + 1 };
  }
  for (;;) {
    if (count === values.length) {
      const longer = new Float64Array(2 * count + 1);
      longer.set(values);
      values = longer;
    }
    const from = at;
    let code = bytes[at];
    const negative = code === MINUS;
    if (negative) {
      code = bytes[++at];
    }
    const first = at;
    // Whole numbers of 32 bits, as long as no more digits come than one holds: most are short.
    let digits = 0;
    while (code >= ZERO && code <= ZERO + 9) {
      digits = (Math.imul(digits, 10) + code - ZERO) | 0;
      code = bytes[++at];
    }
    const whole = at - first;
    let decimals = 0;
    if (code === POINT) {
      code = bytes[++at];
      const fraction = at;
      while (code >= ZERO && code <= ZERO + 9) {
        digits = (Math.imul(digits, 10) + code - ZERO) | 0;
        code = bytes[++at];
      }
      decimals = at - fraction;
      if (decimals === 0 || whole === 0) {
        return null;
      }
    }
    if (whole === 0) {
      if (!isNull(bytes, from)) {
        return null;
      }
      values[count] = Number.NaN;
      at = from + 4;
      code = bytes[at];
    } else if (whole > 1 && bytes[first] === ZERO) {
      return null;
    } else if (whole + decimals > EXACT_DIGITS || code === LOWER_E || code === UPPER_E) {
      at = endOfNumber(bytes, from);
      code = bytes[at];
      values[count] = JSON.parse(bytes.toString('latin1', from, at));
      if (Math.abs(values[count]) > LARGEST || ++long > MOST_LONG) {
        return null;
      }
    } else {
      const exact = whole + decimals > SHORT_DIGITS ? digitsOf(bytes, first, at) : digits;
      const value = decimals === 0 ? exact : exact / POWERS[decimals];
      values[count] = negative ? -value : value;
    }
    count++;
    if (code <= SPACE) {
      at = afterSpace(bytes, at);
      code = bytes[at];
    }
    if (code !== COMMA) {
      return code === CLOSE_LIST ? { values: values.subarray(0, count), end: at + 1 } : null;
    }
    if (bytes[++at] <= SPACE) {
      at = afterSpace(bytes, at);
    }
  }
}

/** All digits from `from` to before `to`, a point left out, as one whole number. */
function digitsOf(bytes: Buffer, from: number, to: number): number {
  let digits = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] !== POINT) {
      digits = 10 * digits + (bytes[at] - ZERO);
    }
  }
  return digits;
}

/** The first place from `at` on that is no white space. */
export function afterSpace(bytes: Buffer, at: number): number {
  let place = at;
  let code = bytes[place];
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
    code = bytes[++place];
  }
  return place;
}

function isNull(bytes: Buffer, at: number): boolean {
  return bytes[at] === LETTER_N && bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c;
}

function endOfNumber(bytes: Buffer, from: number): number {
  let at = from;
  while (isOfNumber(bytes[at])) {
    at++;
  }
  return at;
}

function isOfNumber(code: number): boolean {
  return (
    (code >= ZERO && code <= ZERO + 9) ||
    code === LOWER_E ||
    code === UPPER_E ||
    code === POINT ||
    code === MINUS ||
    code === 0x2b
  );
}
