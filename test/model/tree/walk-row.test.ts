import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forestMargins } from '../../../src/model/tree/walk.js';
import { rowWalker } from '../../../src/model/tree/walk-row.js';
import { randomForest, randomRows, seeds } from '../arbitrary.js';

const COLUMNS = 5;
const ROWS = 20;

test('a row walked alone has the bits of a row walked with others, for any number and depth of trees', () => {
  const trees = fc.integer({ min: 1, max: 9 });
  const depth = fc.integer({ min: 0, max: 7 });
  fc.assert(
    fc.property(seeds, trees, depth, (seed, count, deepest) => {
      const forest = randomForest(seed, COLUMNS, count, deepest);
      const values = randomRows(seed + 1, ROWS, COLUMNS);
      const walk = rowWalker(forest);
      const alone = Float32Array.from({ length: ROWS }, (_, row) => walk(values, row * COLUMNS));
      assert.deepEqual(alone, forestMargins(forest, values, ROWS));
    }),
    { numRuns: 300 },
  );
});

test('an infinite threshold is walked as ever', () => {
  const forest = randomForest(3, COLUMNS, 4, 3);
  forest.threshold[forest.column.findIndex((column) => column >= 0)] = Number.NEGATIVE_INFINITY;
  const values = randomRows(4, ROWS, COLUMNS);
  const walk = rowWalker(forest);
  const alone = Float32Array.from({ length: ROWS }, (_, row) => walk(values, row * COLUMNS));
  assert.deepEqual(alone, forestMargins(forest, values, ROWS));
});
