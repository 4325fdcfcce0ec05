import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  contributionsByFeature,
  encodeInto,
  encodingOf,
  type FeatureSpec,
  newCounts,
} from '../../src/model/encode.js';

const specs: FeatureSpec[] = [
  { name: 'age', type: 'number' },
  { name: 'plan', type: 'category', categories: ['free', 'paid'] },
  { name: 'is_paid', type: 'number' },
];

test('columns are named after the feature and the category', () => {
  const encoding = encodingOf(specs);
  assert.deepEqual(encoding.columns, ['age', 'plan=free', 'plan=paid', 'is_paid']);
  assert.deepEqual(encoding.starts, [0, 1, 3, 4]);
});

test('a category is 1 in its column, null is missing, an unknown one is 0 in all; both are counted', () => {
  const encoding = encodingOf(specs);
  const values = new Float32Array(4 * 5).fill(9);
  const counts = newCounts(encoding);
  const chunk = [
    Float64Array.of(1.5, Number.NaN, 3, 4),
    ['paid', null, 'gold', 'free'],
    Int32Array.of(0, 1, 0, 1),
  ];
  encodeInto(encoding, chunk, 4, values, 1, counts);
  const nan = Number.NaN;
  assert.deepEqual(
    Array.from(values),
    [
      [9, 9, 9, 9],
      [1.5, 0, 1, 0],
      [nan, nan, nan, 1],
      [3, 0, 0, 0],
      [4, 1, 0, 1],
    ].flat(),
  );
  assert.deepEqual([...counts.nulls], [1, 1, 0]);
  assert.deepEqual([...counts.unseen], [0, 1, 0]);
});

test('chunks of any size give the matrix of the whole', () => {
  const encoding = encodingOf(specs);
  const text = fc.option(fc.constantFrom('free', 'paid', 'gold'), { nil: null });
  const number = fc.oneof(fc.float({ noDefaultInfinity: true }), fc.constant(Number.NaN));
  fc.assert(
    fc.property(fc.array(fc.tuple(number, text, number), { maxLength: 30 }), fc.nat(30), (rows, cut) => {
      const columnsOf = (part: typeof rows) => [
        Float32Array.from(part, ([age]) => age),
        part.map(([, plan]) => plan),
        Float64Array.from(part, ([, , paid]) => paid),
      ];
      const whole = new Float32Array(rows.length * 4);
      const pieces = new Float32Array(rows.length * 4);
      const [first, second] = [rows.slice(0, cut), rows.slice(cut)];
      const [wholeCounts, pieceCounts] = [newCounts(encoding), newCounts(encoding)];
      encodeInto(encoding, columnsOf(rows), rows.length, whole, 0, wholeCounts);
      encodeInto(encoding, columnsOf(first), first.length, pieces, 0, pieceCounts);
      encodeInto(encoding, columnsOf(second), second.length, pieces, first.length, pieceCounts);
      assert.deepEqual(pieces, whole);
      assert.deepEqual(pieceCounts, wholeCounts);
      rows.forEach(([age], row) => {
        assert.ok(Object.is(whole[row * 4], age) || (age === 0 && whole[row * 4] === 0));
      });
    }),
  );
});

test('infinities, and numbers beyond float32, are refused by the name of the feature', () => {
  const encoding = encodingOf([{ name: 'rate', type: 'number' }]);
  for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e39]) {
    assert.throws(
      () => encodeInto(encoding, [Float64Array.of(1, value)], 2, new Float32Array(2), 0),
      (error: Error) => error.message.includes('feature "rate"') && error.message.includes(String(value)),
    );
  }
});

test('text for a number, numbers for a category and a matrix too small are refused', () => {
  const encoding = encodingOf(specs);
  const values = new Float32Array(4);
  const [numbers, texts] = [Float64Array.of(1), ['free']];
  const put = (chunk: (Float64Array | string[])[], rows: number) =>
    encodeInto(encoding, chunk, rows, values, 0);
  assert.throws(() => put([texts, texts, numbers], 1), /numbers in feature "age"/);
  assert.throws(() => put([numbers, numbers, numbers], 1), /text in the category "plan"/);
  assert.throws(() => put([numbers, texts], 1), /3 feature columns/);
  assert.throws(() => put([numbers, texts, numbers], 2), /room for 8 values/);
});

test('a feature or category that comes twice is refused', () => {
  assert.throws(() => encodingOf([specs[0], specs[0]]), /"age" twice/);
  assert.throws(
    () => encodingOf([{ name: 'plan', type: 'category', categories: ['a', 'a'] }]),
    /"plan=a" twice/,
  );
  assert.throws(() => encodingOf([{ name: 'plan=free', type: 'number' }, specs[1]]), /"plan=free" twice/);
});

test('contributions of columns add up by feature', () => {
  assert.deepEqual([...contributionsByFeature(encodingOf(specs), [1, 2, 3, 4])], [1, 5, 4]);
});
