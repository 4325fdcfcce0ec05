import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChurnError } from '../../../src/error.js';
import { forestFromJson, linearFromJson } from '../../../src/model/trainer/xgboost-json.js';
import { reference, type SavedJson } from '../reference.js';

const [given] = reference.cases;

function changed(change: (model: SavedJson) => void): string {
  const model = structuredClone(given.model);
  change(model);
  return JSON.stringify(model);
}

test('both spellings of the base score are read', () => {
  const whole = forestFromJson(
    changed((model) => {
      model.learner.learner_model_param.base_score = '3.1E-1';
    }),
  );
  const bracketed = forestFromJson(
    changed((model) => {
      model.learner.learner_model_param.base_score = '[3.1E-1]';
    }),
  );
  assert.equal(whole.baseMargin, bracketed.baseMargin);
  assert.ok(Math.abs(whole.baseMargin - Math.log(0.31 / 0.69)) < 1e-7);
});

test('the first rounds are kept, in their order', () => {
  const all = forestFromJson(JSON.stringify(given.model));
  const two = forestFromJson(JSON.stringify(given.model), 2);
  assert.equal(two.roots.length, 2);
  assert.deepEqual(two.leaf, all.leaf.subarray(0, two.leaf.length));
});

for (const [what, change] of [
  [
    'dart',
    (model) => {
      model.learner.gradient_booster.name = 'dart';
    },
  ],
  [
    'a categorical split',
    (model) => {
      model.learner.gradient_booster.model.trees[0].split_type[0] = 1;
    },
  ],
  [
    '3 classes',
    (model) => {
      model.learner.learner_model_param.num_class = '3';
    },
  ],
  [
    'reg:squarederror',
    (model) => {
      model.learner.objective.name = 'reg:squarederror';
    },
  ],
  [
    '1.2',
    (model) => {
      model.learner.learner_model_param.base_score = '1.2';
    },
  ],
] as [string, (model: SavedJson) => void][]) {
  test(`a model with ${what} is refused by name`, () => {
    assert.throws(
      () => forestFromJson(changed(change)),
      (error) =>
        error instanceof ChurnError && error.code === 'model.mismatch' && error.message.includes(what),
    );
  });
}

test('trees are no weights', () => {
  assert.throws(() => linearFromJson(JSON.stringify(given.model)), /booster gblinear.*got booster gbtree/);
});
