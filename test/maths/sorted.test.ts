import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { argsortDescending, sortDescending } from '../../src/maths/argsort.js';
import { nextDown } from '../../src/maths/float.js';
import {
  finiteSorted,
  lowerBound,
  lowerBoundPadded,
  padded,
  quantileSorted,
  runsOf,
  upperBound,
} from '../../src/maths/sorted.js';
import { random } from '../../src/random.js';
import { monitorReference } from '../reference/monitor.js';

test('quantiles equal numpy to the bit', () => {
  for (const { values, q, expected } of monitorReference().quantiles) {
    const sorted = Float64Array.from(values).sort();
    assert.deepEqual(
      q.map((share) => quantileSorted(sorted, share)),
      expected,
    );
  }
  assert.ok(Number.isNaN(quantileSorted(new Float64Array(0), 0.5)));
});

test('nextDown is the neighbouring double', () => {
  assert.equal(nextDown(0), -Number.MIN_VALUE);
  assert.equal(nextDown(-0), -Number.MIN_VALUE);
  assert.equal(nextDown(Number.MIN_VALUE), 0);
  assert.equal(nextDown(1), 1 - Number.EPSILON / 2);
  assert.equal(nextDown(-1), -1 - Number.EPSILON);
  assert.equal(nextDown(Infinity), Number.MAX_VALUE);
  assert.equal(nextDown(-Number.MAX_VALUE), -Infinity);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const below = nextDown(x);
      return below < x && !(below < (below + x) / 2 && (below + x) / 2 < x);
    }),
  );
});

test('the bound without branches is the lower bound', () => {
  const value = fc.double({ noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 }),
      value,
      (list, x) => {
        const sorted = Float64Array.from(list).sort();
        for (const probe of [x, ...list, Infinity, -Infinity]) {
          assert.equal(lowerBoundPadded(padded(sorted), probe), lowerBound(sorted, probe));
        }
      },
    ),
  );
});

test('bounds and runs agree with counting', () => {
  const values = fc.array(fc.integer({ min: -3, max: 3 }));
  fc.assert(
    fc.property(values, fc.integer({ min: -4, max: 4 }), (list, x) => {
      const sorted = Float64Array.from(list).sort();
      assert.equal(lowerBound(sorted, x), list.filter((value) => value < x).length);
      assert.equal(upperBound(sorted, x), list.filter((value) => value <= x).length);
      const runs = [...runsOf(sorted)];
      assert.equal(runs.length, new Set(list).size);
      assert.equal(
        runs.reduce((sum, run) => sum + run.to - run.from, 0),
        list.length,
      );
    }),
  );
});

test('finiteSorted leaves its input alone', () => {
  const sample = Float64Array.from([3, Number.NaN, Infinity, 1]);
  assert.deepEqual([...finiteSorted(sample)], [1, 3]);
  assert.deepEqual([...sample], [3, Number.NaN, Infinity, 1]);
});

test('argsort descends, keeps the order of equals, and takes -0 for 0', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1, 0.5))), (list) => {
      const expected = [...list.keys()].sort((a, b) =>
        list[a] === list[b] ? a - b : list[a] > list[b] ? -1 : 1,
      );
      assert.deepEqual([...argsortDescending(Float64Array.from(list))], expected);
    }),
  );
  assert.deepEqual([...argsortDescending(Float32Array.from([0.1, 0.3, 0.1]))], [1, 0, 2]);
});

test('argsort of many values, however they lie: spread, crowded, tied, rising', () => {
  const chance = random('argsort');
  const kinds = [
    () => chance.uniform(),
    () => chance.uniform() ** 12,
    () => Math.exp(-300 * chance.uniform()),
    () => 1 / (1 + Math.exp(5 - 2 * chance.normal())),
    () => Math.floor(30 * chance.uniform()) / 30,
    () => (chance.uniform() < 0.5 ? 0 : Math.fround(chance.uniform() * 1e-9)),
  ];
  for (const kind of kinds) {
    const values = Float64Array.from({ length: 20_000 }, kind);
    const expected = [...values.keys()].sort((a, b) => values[b] - values[a] || a - b);
    const sorted = sortDescending(values);
    assert.deepEqual([...sorted.order], expected);
    assert.deepEqual(
      [...sorted.values],
      expected.map((row) => values[row]),
    );
  }
});
