import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayPool } from '../../src/serve/array-pool.js';

const KILOBYTES = 1024;

test('an array that was given back is used again, for the same length only', () => {
  const pool = arrayPool((length) => new Float32Array(length), 100 * KILOBYTES);
  const first = pool.take(5000);
  const second = pool.take(5000);
  assert.notEqual(first, second);
  pool.give(first);
  assert.notEqual(pool.take(5001), first);
  assert.equal(pool.take(5000), first);
  assert.notEqual(pool.take(5000), first, 'it was taken');
});

test('small arrays are not kept, and the oldest go when there are too many', () => {
  const pool = arrayPool((length) => new Float64Array(length), 100 * KILOBYTES);
  const small = pool.take(10);
  pool.give(small);
  assert.notEqual(pool.take(10), small);
  const arrays = [6000, 6001, 6002].map((length) => pool.take(length));
  arrays.forEach(pool.give);
  assert.notEqual(pool.take(6000), arrays[0]);
  assert.equal(pool.take(6002), arrays[2]);
  const huge = pool.take(100_000);
  pool.give(huge);
  assert.notEqual(pool.take(100_000), huge);
});
