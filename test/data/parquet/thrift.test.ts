import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  readThrift,
  THRIFT,
  type ThriftField,
  type ThriftStruct,
  type ThriftValue,
  writeThrift,
} from '../../../src/data/parquet/thrift.js';

type Typed = Omit<ThriftField, 'id'>;

const whole = (type: number, bits: number) =>
  fc
    .bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n })
    .map((value): Typed => ({ type, value }));
const bytes = (type: number, length: { minLength: number; maxLength: number }) =>
  fc.uint8Array(length).map((value): Typed => ({ type, value }));

const { typed } = fc.letrec<{ typed: Typed; struct: ThriftStruct }>((tie) => ({
  typed: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Typed>(
      { type: THRIFT.true, value: new Uint8Array(0) },
      { type: THRIFT.false, value: new Uint8Array(0) },
    ),
    bytes(THRIFT.byte, { minLength: 1, maxLength: 1 }),
    whole(THRIFT.i16, 16),
    whole(THRIFT.i32, 32),
    whole(THRIFT.i64, 64),
    bytes(THRIFT.double, { minLength: 8, maxLength: 8 }),
    bytes(THRIFT.binary, { minLength: 0, maxLength: 300 }),
    fc.array(whole(THRIFT.i64, 64), { maxLength: 20 }).map(
      (values): Typed => ({
        type: THRIFT.list,
        value: { elementType: THRIFT.i64, values: values.map(({ value }) => value) },
      }),
    ),
    fc.array(tie('struct'), { maxLength: 17 }).map(
      (values): Typed => ({
        type: THRIFT.list,
        value: { elementType: THRIFT.struct, values: values as ThriftValue[] },
      }),
    ),
    tie('struct').map((value): Typed => ({ type: THRIFT.struct, value: value as ThriftStruct })),
  ),
  struct: fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 60 }), tie('typed')), {
      maxLength: 6,
      selector: ([id]) => id,
    })
    .map((fields) =>
      fields.sort(([a], [b]) => a - b).map(([id, field]): ThriftField => ({ id, ...(field as Typed) })),
    ),
}));

/** Buffers and arrays of bytes compare alike. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each) =>
      typeof each === 'bigint'
        ? `${each}n`
        : each instanceof Uint8Array
          ? Buffer.from(each).toString('hex')
          : each,
    ),
  );

describe("Thrift's compact protocol", () => {
  it('reads what it wrote, types and all', () => {
    fc.assert(
      fc.property(typed, (field) => {
        const struct = [{ id: 3, ...field }];
        assert.deepEqual(plain(readThrift(new Uint8Array(writeThrift(struct)))), plain(struct));
      }),
    );
  });

  it('refuses bytes that end early, at any place', () => {
    const struct: ThriftStruct = [
      { id: 1, type: THRIFT.i64, value: 2n ** 40n },
      { id: 20, type: THRIFT.binary, value: Buffer.from('a name') },
      { id: 21, type: THRIFT.list, value: { elementType: THRIFT.i32, values: [1n, 2n, 300n] } },
    ];
    const all = writeThrift(struct);
    for (let length = 0; length < all.length; length++) {
      assert.throws(() => readThrift(all.subarray(0, length)), RangeError);
    }
  });
});
