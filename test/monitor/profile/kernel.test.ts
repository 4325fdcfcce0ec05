import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lowerBound } from '../../../src/maths/sorted.js';
import { kernel } from '../../../src/monitor/profile/kernel.js';
import { searchTable } from '../../../src/monitor/profile/search-table.js';

const number = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -50, max: 50 }),
  fc.constantFrom(Infinity, -Infinity, 0, -0, Number.MIN_VALUE, Number.MAX_VALUE),
);

test('an edge is found where lowerBound finds it, whatever the edges and numbers', () => {
  const edges = fc.uniqueArray(
    number.map((x) => x + 0),
    { maxLength: 250 },
  );
  fc.assert(
    fc.property(edges, fc.array(number, { minLength: 1, maxLength: 50 }), (unsorted, values) => {
      const sorted = Float64Array.from(unsorted.filter(Number.isFinite)).sort();
      const all = [0, ...values, ...sorted, Number.NaN];
      kernel().load(all, 1, all.length);
      const places = kernel().locate(searchTable([...sorted]));
      all.slice(1).forEach((x, i) => {
        assert.equal(places[i], Number.isNaN(x) ? sorted.length + 1 : lowerBound(sorted, x), `${x}`);
      });
    }),
    { numRuns: 400 },
  );
});

test('more edges than usual, and a part of the range with many of them', () => {
  const { load, locate } = kernel();
  const edges = [...Array.from({ length: 5000 }, (_, i) => i / 5000), 1e6];
  const values = [-1, 0, 0.5, 0.99999, 1, 999_999, 1e6, 1e7, Number.NaN];
  const before = searchTable([1, 2]);
  load(Float64Array.of(1.5), 0, 1);
  assert.equal(locate(before)[0], 1);
  load(values, 0, values.length);
  const places = locate(searchTable(edges));
  values.forEach((x, i) => {
    assert.equal(places[i], Number.isNaN(x) ? edges.length + 1 : lowerBound(edges, x), `${x}`);
  });
  load(Float64Array.of(0, 1.5, 3), 1, 3);
  assert.deepEqual([...locate(before).subarray(0, 2)], [1, 2]);
});
