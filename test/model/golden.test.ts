import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingOf } from '../../src/model/encode.js';
import { goldenColumns, requireGolden } from '../../src/model/golden.js';

const golden = {
  features: ['plan', 'age'],
  rows: [
    ['free', 30],
    [null, null],
  ],
  probabilities: [0.25, 0.5],
};

test('columns stand in the order of the encoding; a feature that is not there is missing', () => {
  const encoding = encodingOf([
    { name: 'age', type: 'number' },
    { name: 'plan', type: 'category', categories: ['free'] },
    { name: 'new', type: 'number' },
  ]);
  const missing = Number.NaN;
  assert.deepEqual(goldenColumns(encoding, golden), [
    Float64Array.of(30, missing),
    ['free', null],
    Float64Array.of(missing, missing),
  ]);
});

test('rounding passes, anything else does not', () => {
  requireGolden(golden, [0.25 + 5e-7, 0.5], 'v', 'walking');
  for (const probabilities of [[0.25, 0.50001], [0.25, Number.NaN], [0.25]]) {
    assert.throws(() => requireGolden(golden, probabilities, 'v', 'walking'), {
      code: 'model.mismatch',
      message: /golden row 1 of v to score 0.5 by walking/,
    });
  }
});
