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
      for (const x of [...values, ...sorted]) {
        assert.equal(find(x), lowerBound(sorted, x), `${x}`);
      }
    }),
    { numRuns: 400 },
  );
});
