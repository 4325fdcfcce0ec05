/**
 * Thrift's compact protocol as Parquet's footer uses it, kept losslessly: every value stays beside its type, so that what is
 * read and written again is the same bytes. The readers of libraries keep values only, and guess types when they write.
 */

/** Types of the compact protocol. A boolean field has its value in its type. */
export const THRIFT = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
} as const;

export interface ThriftList {
  elementType: number;
  values: ThriftValue[];
}

/** Whole numbers are bigints; doubles and single booleans are their bytes. */
export type ThriftValue = bigint | Uint8Array | ThriftList | ThriftStruct;

export interface ThriftField {
  id: number;
  type: number;
  value: ThriftValue;
}

/** Fields by ascending id. */
export type ThriftStruct = ThriftField[];

const NOTHING = new Uint8Array(0);

/** Reads one struct from the start of the bytes. @throws RangeError when they end early, or hold a type that is none */
export function readThrift(bytes: Uint8Array): ThriftStruct {
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (length < 0 || at + length > bytes.length) {
      throw new RangeError('the footer ends early');
    }
    at += length;
    return bytes.subarray(at - length, at);
  };
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const [byte] = take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
      shift += 7n;
    }
  };
  const zigzag = () => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const list = (): ThriftList => {
    const [head] = take(1);
    const size = head >> 4 === 15 ? Number(varint()) : head >> 4;
    const elementType = head & 15;
    const values: ThriftValue[] = [];
    for (let i = 0; i < size; i++) {
      values.push(elementType <= THRIFT.false ? take(1) : element(elementType));
    }
    return { elementType, values };
  };
  const element = (type: number): ThriftValue => {
    switch (type) {
      case THRIFT.true:
      case THRIFT.false:
        return NOTHING;
      case THRIFT.byte:
        return take(1);
      case THRIFT.i16:
      case THRIFT.i32:
      case THRIFT.i64:
        return zigzag();
      case THRIFT.double:
        return take(8);
      case THRIFT.binary:
        return take(Number(varint()));
      case THRIFT.list:
      case THRIFT.set:
        return list();
      case THRIFT.struct:
        return struct();
      default:
        throw new RangeError(`the footer holds a value of the unknown type ${type}`);
    }
  };
  const struct = (): ThriftStruct => {
    const fields: ThriftField[] = [];
    let id = 0;
    for (;;) {
      const [head] = take(1);
      if (head === 0) {
        return fields;
      }
      id = head >> 4 === 0 ? Number(zigzag()) : id + (head >> 4);
      const type = head & 15;
      fields.push({ id, type, value: element(type) });
    }
  };
  return struct();
}

/** The bytes of a struct. */
export function writeThrift(struct: ThriftStruct): Uint8Array {
  const pieces: Uint8Array[] = [];
  const put = (...bytes: number[]) => pieces.push(Uint8Array.from(bytes));
  const varint = (value: bigint) => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 0x80n; rest >>= 7n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
    }
    put(...bytes, Number(rest));
  };
  const zigzag = (value: bigint) => varint((value << 1n) ^ (value >> 63n));
  const element = (type: number, value: ThriftValue): void => {
    if (typeof value === 'bigint') {
      zigzag(value);
    } else if (value instanceof Uint8Array) {
      if (type === THRIFT.binary) {
        varint(BigInt(value.length));
      }
      pieces.push(value);
    } else if (Array.isArray(value)) {
      fields(value);
    } else {
      const size = value.values.length;
      put((Math.min(size, 15) << 4) | value.elementType);
      if (size >= 15) {
        varint(BigInt(size));
      }
      for (const each of value.values) {
        element(value.elementType, each);
      }
    }
  };
  const fields = (all: ThriftStruct): void => {
    let last = 0;
    for (const { id, type, value } of all) {
      const step = id - last;
      if (step >= 1 && step <= 15) {
        put((step << 4) | type);
      } else {
        put(type);
        zigzag(BigInt(id));
      }
      last = id;
      element(type, value);
    }
    put(0);
  };
  fields(struct);
  return Buffer.concat(pieces);
}

/** The value of a field; undefined when the struct has none. */
export function fieldOf(struct: ThriftStruct, id: number): ThriftValue | undefined {
  return struct.find((field) => field.id === id)?.value;
}

/** The struct with a field replaced, added in its place, or left out when undefined. */
export function withField(
  struct: ThriftStruct,
  id: number,
  field: Omit<ThriftField, 'id'> | undefined,
): ThriftStruct {
  const others = struct.filter((each) => each.id !== id);
  return (field === undefined ? others : [...others, { id, ...field }]).sort((a, b) => a.id - b.id);
}
