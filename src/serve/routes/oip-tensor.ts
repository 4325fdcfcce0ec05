import { refuse } from './check.js';
import { DATATYPES, type Datatype } from './oip-datatypes.js';

/** Values of an input, row by row. NaN in a Float64Array and null in a list say missing. */
export interface Tensor {
  name: string;
  datatype: string;
  shape: readonly number[];
  values: readonly unknown[] | Float64Array;
}

/** An input as it came. */
export interface SentTensor {
  name: string;
  shape: number[];
  datatype: string;
  data?: unknown;
  parameters?: Record<string, unknown>;
}

/** The bytes after the JSON of a request, taken in the order of the inputs. */
export interface RawBytes {
  /** @throws InvalidRows (400) when there are not so many left */
  take(size: number, field: string): Buffer;
  readonly left: number;
}

export function rawBytes(bytes: Buffer): RawBytes {
  let at = 0;
  return {
    take: (size, field) => {
      if (at + size > bytes.length) {
        refuse(field, `at most the ${bytes.length - at} bytes that are left`, size);
      }
      at += size;
      return bytes.subarray(at - size, at);
    },
    get left() {
      return bytes.length - at;
    },
  };
}

/**
 * Reads one input: its data from JSON (flat or nested) or from the raw bytes, as many as its shape says.
 * @throws InvalidRows (400) naming the input
 */
export function tensorOf(sent: SentTensor, raw: RawBytes): Tensor {
  const { name, shape, datatype } = sent;
  const field = `inputs.${name}`;
  const type = DATATYPES.get(datatype);
  if (type === undefined) {
    refuse(`${field}.datatype`, `one of ${[...DATATYPES.keys()].join(', ')}`, datatype);
  }
  const length = shape.reduce((product, size) => product * size, 1);
  const size = sent.parameters?.binary_data_size;
  if (size === undefined) {
    return { name, datatype, shape, values: fromJson(sent.data, type, shape, length, field) };
  }
  if (!Number.isInteger(size) || (size as number) < 0) {
    refuse(`${field}.parameters.binary_data_size`, 'a number of bytes', size);
  }
  const bytes = raw.take(size as number, `${field}.parameters.binary_data_size`);
  const values = type.size === null ? textsOf(bytes, length, field) : numbersOf(bytes, type, length, field);
  return { name, datatype, shape, values };
}

function fromJson(
  data: unknown,
  type: Datatype,
  shape: readonly number[],
  length: number,
  field: string,
): unknown[] {
  if (!Array.isArray(data)) {
    refuse(`${field}.data`, 'a list', data);
  }
  const flat: unknown[] = Array.isArray(data[0]) ? data.flat(Math.max(shape.length - 1, 0)) : data;
  requireLength(flat.length, length, `${field}.data`, 'values');
  const wrong = flat.findIndex((value) => value !== null && !type.accepts(value));
  if (wrong !== -1) {
    refuse(`${field}.data[${wrong}]`, `${type.expected} or null`, flat[wrong]);
  }
  return flat;
}

function numbersOf(bytes: Buffer, type: Datatype, length: number, field: string): Float64Array {
  const size = type.size ?? 1;
  requireLength(bytes.length, length * size, field, 'bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    values[index] = type.read(view, index * size);
  }
  return values;
}

/** Each text is its length (4 bytes) and its bytes. */
function textsOf(bytes: Buffer, length: number, field: string): string[] {
  const texts: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) {
      break;
    }
    texts.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  if (at !== bytes.length) {
    refuse(field, 'texts that end where their bytes end', `${bytes.length - at} bytes left`);
  }
  requireLength(texts.length, length, field, 'texts');
  return texts;
}

function requireLength(came: number, expected: number, field: string, what: string): void {
  if (came !== expected) {
    refuse(field, `${expected} ${what}, as the shape says`, came);
  }
}
