import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lowerBound } from '../../../src/maths/sorted.js';
import { edgeFinder } from '../../../src/monitor/profile/edge-finder.js';

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
      const { find } = edgeFinder(sorted);
      const all = [0, ...values, ...sorted, Number.NaN];
      const places = new Uint32Array(all.length);
      find(all, 1, all.length, places);
      all.slice(1).forEach((x, i) => {
        assert.equal(places[i], Number.isNaN(x) ? sorted.length + 1 : lowerBound(sorted, x), `${x}`);
      });
    }),
    { numRuns: 400 },
  );
});
