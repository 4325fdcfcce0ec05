import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { sortNumbers } from '../../src/maths/sort.js';
import { random } from '../../src/random.js';

const EXTREMES = [0, -0, Infinity, -Infinity, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, -1e308];

test('numbers are sorted as TypedArray.sort does, whatever they are', () => {
  const { normal, uniform } = random(1);
  const makes: Record<string, () => number> = {
    normal,
    skewed: () => Math.exp(20 * normal()),
    few: () => Math.floor(5 * uniform()) - 2,
    extremes: () => EXTREMES[Math.floor(EXTREMES.length * uniform())],
    constant: () => 1.5,
  };
  for (const rows of [0, 1, 1023, 1024, 5000, 65_536, 65_537, 200_000]) {
    for (const [name, make] of Object.entries(makes)) {
      const values = Float64Array.from({ length: rows }, make);
      assert.deepEqual(sortNumbers(values.slice()), values.sort(), `${rows} ${name}`);
    }
  }
});

test('so are doubles of any bits', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1024, maxLength: 3000 }), (list) => {
      const values = Float64Array.from(list);
      assert.deepEqual(sortNumbers(values.slice()), values.sort());
    }),
    { numRuns: 30 },
  );
});

test('compiled modules are what their sources become', { timeout: 5 * 60_000 }, async () => {
  await promisify(execFile)(process.execPath, ['scripts/wasm.mjs', '--check']);
});
