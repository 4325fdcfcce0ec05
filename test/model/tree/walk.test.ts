import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forestFromJson } from '../../../src/model/trainer/xgboost-json.js';
import { forestMargins } from '../../../src/model/tree/walk.js';
import { randomForest, randomRows } from '../arbitrary.js';
import { reference, valuesOf } from '../reference.js';

for (const given of reference.cases) {
  test(`margins equal XGBoost's own to the bit: ${given.name}`, () => {
    const forest = forestFromJson(JSON.stringify(given.model));
    const margins = forestMargins(forest, valuesOf(given), given.rows);
    assert.deepEqual(margins, Float32Array.from(given.margins));
  });
}

test('a value equal to the threshold goes right, a missing one as the node says', () => {
  const forest = forestFromJson(
    JSON.stringify(reference.cases.find(({ name }) => name === 'stumps')!.model),
    1,
  );
  const { columns } = forest;
  const tested = forest.column[0];
  const rows = new Float32Array(3 * columns);
  rows[tested] = forest.threshold[0];
  rows[columns + tested] = forest.threshold[0] - 1;
  rows[2 * columns + tested] = Number.NaN;
  const leaf = (node: number) => Math.fround(Math.fround(forest.baseMargin) + forest.leaf[node]);
  const missing = forest.missingLeft[0] === 1 ? forest.left[0] : forest.right[0];
  assert.deepEqual(
    Array.from(forestMargins(forest, rows, 3)),
    [forest.right[0], forest.left[0], missing].map(leaf),
  );
});

test('rows scored one by one and together give the same margins', () => {
  const forest = randomForest(1, 4, 30, 5);
  const rows = randomRows(2, 600, 4);
  const together = forestMargins(forest, rows, 600);
  const single = Array.from(
    { length: 600 },
    (_, row) => forestMargins(forest, rows.subarray(row * 4, row * 4 + 4), 1)[0],
  );
  assert.deepEqual(Array.from(together), single);
});

test('no rows give no margins, no trees the base margin', () => {
  const forest = randomForest(1, 4, 0, 1);
  assert.equal(forestMargins(forest, new Float32Array(0), 0).length, 0);
  assert.deepEqual(Array.from(forestMargins(forest, new Float32Array(4), 1)), [forest.baseMargin]);
});
