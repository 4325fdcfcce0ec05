/** A datatype of the Open Inference Protocol. */
export interface Datatype {
  /** Bytes of one value in the binary form; null where each says its own length. */
  size: number | null;
  /** What a JSON value must be, null (missing) apart. */
  expected: string;
  accepts(value: unknown): boolean;
  /** One value of the binary form, little-endian. */
  read(view: DataView, offset: number): number;
}

const isBoolean = (value: unknown) => typeof value === 'boolean' || value === 0 || value === 1;
const isNumber = (value: unknown) => typeof value === 'number';

function whole(size: number, read: Datatype['read']): Datatype {
  return { size, expected: 'a whole number', accepts: Number.isInteger, read };
}

function real(size: number, read: Datatype['read']): Datatype {
  return { size, expected: 'a number', accepts: isNumber, read };
}

/** By name. 64-bit numbers beyond 2^53 lose their last digits, as the model's float32 does far earlier. */
export const DATATYPES: ReadonlyMap<string, Datatype> = new Map([
  [
    'BOOL',
    {
      size: 1,
      expected: 'true or false',
      accepts: isBoolean,
      read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
    },
  ],
  ['UINT8', whole(1, (view, at) => view.getUint8(at))],
  ['UINT16', whole(2, (view, at) => view.getUint16(at, true))],
  ['UINT32', whole(4, (view, at) => view.getUint32(at, true))],
  ['UINT64', whole(8, (view, at) => Number(view.getBigUint64(at, true)))],
  ['INT8', whole(1, (view, at) => view.getInt8(at))],
  ['INT16', whole(2, (view, at) => view.getInt16(at, true))],
  ['INT32', whole(4, (view, at) => view.getInt32(at, true))],
  ['INT64', whole(8, (view, at) => Number(view.getBigInt64(at, true)))],
  ['FP16', real(2, (view, at) => halfOf(view.getUint16(at, true)))],
  ['FP32', real(4, (view, at) => view.getFloat32(at, true))],
  ['FP64', real(8, (view, at) => view.getFloat64(at, true))],
  [
    'BYTES',
    {
      size: null,
      expected: 'a text',
      accepts: (value) => typeof value === 'string',
      read: () => Number.NaN,
    },
  ],
] satisfies [string, Datatype][]);

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
