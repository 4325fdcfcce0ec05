import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forestFromJson } from '../../../src/model/trainer/xgboost-json.js';
import type { Forest } from '../../../src/model/tree/forest.js';
import { contributions } from '../../../src/model/tree/form.js';
import { forestExplainer } from '../../../src/model/tree/shap.js';
import { forestMargins } from '../../../src/model/tree/walk.js';
import { randomForest, randomRows, seeds } from '../arbitrary.js';
import { reference, valuesOf } from '../reference.js';

for (const given of reference.cases) {
  test(`contributions equal XGBoost's own: ${given.name}`, () => {
    const { explain, expected } = forestExplainer(forestFromJson(JSON.stringify(given.model)));
    const values = valuesOf(given);
    const into = new Float64Array(given.columns);
    for (let row = 0; row < given.rows; row++) {
      explain(values, row, into);
      [...into, expected].forEach((ours, column) => {
        const theirs = given.contributions[row * (given.columns + 1) + column];
        assert.ok(Math.abs(ours - theirs) < 1e-5, `row ${row}, column ${column}: ${ours} and ${theirs}`);
      });
    }
  });
}

test("contributions are Shapley's values of the path-dependent expectation, by definition", () => {
  const columns = 4;
  fc.assert(
    fc.property(seeds, (seed) => {
      const forest = randomForest(seed, columns, 3, 6);
      const row = randomRows(seed + 1, 1, columns);
      const { byColumn } = contributions({ kind: 'trees', forest }, row, 0);
      for (let column = 0; column < columns; column++) {
        const byDefinition = shapleyValue(forest, row, column);
        assert.ok(
          Math.abs(byColumn[column] - byDefinition) < 1e-9,
          `${byColumn[column]} and ${byDefinition}`,
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('expected and contributions add up to the margin, in deep trees too', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 14 }), (seed, depth) => {
      const forest = randomForest(seed, 12, 4, depth);
      const rows = randomRows(seed + 1, 3, 12);
      const margins = forestMargins(forest, rows, 3);
      for (let row = 0; row < 3; row++) {
        const { expected, byColumn } = contributions({ kind: 'trees', forest }, rows, row);
        const sum = byColumn.reduce((total, part) => total + part, expected);
        assert.ok(Math.abs(sum - margins[row]) < 1e-5, `${sum} and ${margins[row]}`);
      }
    }),
    { numRuns: 20 },
  );
});

test('a way no training row took does not make contributions infinite', () => {
  const forest = randomForest(5, 3, 1, 5);
  forest.cover.fill(0, forest.left[0], forest.right[0]);
  const rows = randomRows(9, 20, 3);
  const margins = forestMargins(forest, rows, 20);
  for (let row = 0; row < 20; row++) {
    const { expected, byColumn } = contributions({ kind: 'trees', forest }, rows, row);
    const sum = byColumn.reduce((total, part) => total + part, expected);
    assert.ok(Math.abs(sum - margins[row]) < 1e-6, `${sum} and ${margins[row]}`);
  }
});

/** Average over all orders of the columns of what knowing `column` adds. */
function shapleyValue(forest: Forest, row: Float32Array, column: number): number {
  const others = Array.from({ length: forest.columns }, (_, index) => index).filter(
    (index) => index !== column,
  );
  let value = 0;
  for (let subset = 0; subset < 2 ** others.length; subset++) {
    const known = new Set(others.filter((_, index) => (subset >> index) & 1));
    const weight =
      (factorial(known.size) * factorial(others.length - known.size)) / factorial(forest.columns);
    value +=
      weight * (expectation(forest, row, new Set([...known, column])) - expectation(forest, row, known));
  }
  return value;
}

/** Mean margin when only the `known` columns are: at others the cover tells how many rows go which way. */
function expectation(forest: Forest, row: Float32Array, known: ReadonlySet<number>): number {
  const below = (node: number): number => {
    const tested = forest.column[node];
    if (tested < 0) {
      return forest.leaf[node];
    }
    const [left, right] = [forest.left[node], forest.right[node]];
    if (!known.has(tested)) {
      const all = forest.cover[node];
      return (below(left) * forest.cover[left] + below(right) * forest.cover[right]) / all;
    }
    const value = row[tested];
    const goesLeft = Number.isNaN(value) ? forest.missingLeft[node] === 1 : value < forest.threshold[node];
    return below(goesLeft ? left : right);
  };
  return forest.roots.reduce((total, root) => total + below(root), 0);
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
