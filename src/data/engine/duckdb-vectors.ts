import type { Vector } from '@duckdb/node-bindings';
import { duckdb, TYPE } from './duckdb-client.js';

/** Numbers of at most 32 bits and doubles, as they lie in a vector. */
type Items =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

interface ItemsOf {
  new (buffer: ArrayBufferLike, start: number, length: number): Items;
  BYTES_PER_ELEMENT: number;
}

const ITEMS: Readonly<Record<number, ItemsOf>> = {
  [TYPE.BOOLEAN]: Uint8Array,
  [TYPE.TINYINT]: Int8Array,
  [TYPE.SMALLINT]: Int16Array,
  [TYPE.INTEGER]: Int32Array,
  [TYPE.UTINYINT]: Uint8Array,
  [TYPE.USMALLINT]: Uint16Array,
  [TYPE.UINTEGER]: Uint32Array,
  [TYPE.FLOAT]: Float32Array,
  [TYPE.DOUBLE]: Float64Array,
  [TYPE.DATE]: Int32Array,
};

/** Whole numbers of so many words of 64 bits. */
const WORDS: Readonly<Record<number, number>> = {
  [TYPE.BIGINT]: 1,
  [TYPE.UBIGINT]: 1,
  [TYPE.TIMESTAMP]: 1,
  [TYPE.TIMESTAMP_TZ]: 1,
  [TYPE.HUGEINT]: 2,
  [TYPE.UHUGEINT]: 2,
};
const UNSIGNED: readonly number[] = [TYPE.UBIGINT, TYPE.UHUGEINT];

/**
 * Null where they are whole numbers of more than 32 bits, or texts. As with all readers here the memory is ours, since vectors are
 * handed over as copies, and in rows without a value (see `presentIn`) lies anything.
 */
export function itemsOf(vector: Vector, type: number, rows: number): Items | null {
  const Items = ITEMS[type];
  if (Items === undefined) {
    return null;
  }
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, rows * Items.BYTES_PER_ELEMENT);
  return new Items(buffer, byteOffset, rows);
}

/** Whole numbers of 64 and 128 bits. */
export function wholeNumbersOf(vector: Vector, type: number, rows: number): bigint[] {
  const words = WORDS[type];
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, rows * words * 8);
  const all = new BigUint64Array(buffer, byteOffset, rows * words);
  return Array.from({ length: rows }, (_, i) => {
    const whole = words === 1 ? all[i] : (all[2 * i + 1] << 64n) | all[2 * i];
    return UNSIGNED.includes(type) ? whole : BigInt.asIntN(64 * words, whole);
  });
}

/** Numbers of 64 bits with a sign, as Number() of each, from their halves: no BigInt is made. */
export function doublesOf(vector: Vector, rows: number): Float64Array {
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, rows * 8);
  const low = new Uint32Array(buffer, byteOffset, 2 * rows);
  const high = new Int32Array(buffer, byteOffset, 2 * rows);
  const doubles = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    doubles[i] = high[2 * i + 1] * 2 ** 32 + low[2 * i];
  }
  return doubles;
}

const WORDS_OF_TEXT = 4;
const BYTES_OF_TEXT = 4 * WORDS_OF_TEXT;
/** Up to so many bytes lie in the vector itself, behind the length; longer texts lie where the last half points to. */
const SHORT = 12;

export function textsOf(vector: Vector, rows: number): (string | null)[] {
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, rows * BYTES_OF_TEXT);
  const words = new Int32Array(buffer, byteOffset, rows * WORDS_OF_TEXT);
  const present = presentIn(vector, rows);
  const texts = new Array<string | null>(rows).fill(null);
  for (let i = 0; i < rows; i++) {
    if (isPresent(present, i)) {
      const at = i * WORDS_OF_TEXT;
      texts[i] = words[at] <= SHORT ? shortText(words, at) : longText(words, at);
    }
  }
  return texts;
}

function longText(words: Int32Array, at: number): string {
  const pointer = words.byteOffset + 4 * (at + 2);
  const { buffer, byteOffset } = duckdb.get_data_from_pointer(
    words.buffer as ArrayBuffer,
    pointer,
    words[at],
  );
  return Buffer.from(buffer, byteOffset, words[at]).toString('utf8');
}

const HASH_BITS = 12;
const TEXTS_KNOWN = 2 ** HASH_BITS;

/** The last short text of each hash, by the four words that it lies in: to find it again is faster than to decode it. */
const known = {
  words: new Int32Array(TEXTS_KNOWN * WORDS_OF_TEXT),
  texts: new Array<string>(TEXTS_KNOWN).fill(''),
};

function shortText(words: Int32Array, at: number): string {
  const length = words[at];
  const a = words[at + 1];
  const b = words[at + 2];
  const c = words[at + 3];
  const mixed = Math.imul(length ^ Math.imul(a, 31) ^ Math.imul(b, 1_566_083_941) ^ c, -1_640_531_535);
  const place = mixed >>> (32 - HASH_BITS);
  const own = place * WORDS_OF_TEXT;
  if (
    known.words[own] !== length ||
    known.words[own + 1] !== a ||
    known.words[own + 2] !== b ||
    known.words[own + 3] !== c
  ) {
    known.words.set([length, a, b, c], own);
    known.texts[place] = Buffer.from(words.buffer, words.byteOffset + 4 * at + 4, length).toString('utf8');
  }
  return known.texts[place];
}

/** One bit a row, 1 for a value; null when all have one. */
export function presentIn(vector: Vector, rows: number): Uint32Array | null {
  const bytes = 8 * Math.ceil(rows / 64);
  const found = duckdb.vector_get_validity(vector, bytes) as Uint8Array | null;
  return found && new Uint32Array(found.buffer, found.byteOffset, bytes / 4);
}

export function isPresent(present: Uint32Array | null, row: number): boolean {
  return present === null || ((present[row >>> 5] >>> (row & 31)) & 1) === 1;
}
