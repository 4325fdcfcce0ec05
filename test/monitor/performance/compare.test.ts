import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComparisonOptions, compareModels } from '../../../src/monitor/performance/compare.js';
import { random } from '../../../src/random.js';
import { scoredUsers, sigmoid } from './scored-users.js';

const OPTIONS: ComparisonOptions = {
  primary: 'roc_auc',
  minimumGain: 0,
  minimumPerClass: 100,
  seed: 3,
  draws: 300,
};

/** A world of a true risk with two models that see it through noise. */
function world(users: number, days: number, seed: string, championNoise: number, challengerNoise: number) {
  const chance = random(seed);
  const { labels, scores, units } = scoredUsers({ users, days, seed });
  const through = (noise: number) =>
    scores.map((score) => sigmoid(Math.log(score / (1 - score)) + noise * chance.normal()));
  return { labels, units, champion: through(championNoise), challenger: through(challengerNoise) };
}

test('identical models are never better, in any measure, with any minimum', () => {
  const { labels, scores, units } = scoredUsers({ users: 600, days: 2, seed: 'twins' });
  for (const primary of ['roc_auc', 'pr_auc', 'log_loss', 'brier'] as const) {
    for (const minimumGain of [0, 0.01, -0.01]) {
      const result = compareModels(
        { labels, units, champion: scores, challenger: scores },
        { ...OPTIONS, primary, minimumGain },
      );
      assert.equal(result.verdict, 'not_better');
      assert.equal(result.measures[primary].difference, 0);
    }
  }
});

test('a clearly better model is better, and the other way round not better', () => {
  for (const days of [1, 4]) {
    const sample = world(1_500, days, 'clear', 2, 0.2);
    for (const primary of ['roc_auc', 'pr_auc', 'log_loss', 'brier'] as const) {
      const result = compareModels(sample, { ...OPTIONS, primary });
      assert.equal(result.verdict, 'better', JSON.stringify(result.checks));
      assert.ok(result.gain_lower_bound! > 0);
      const swapped = { ...sample, champion: sample.challenger, challenger: sample.champion };
      assert.equal(compareModels(swapped, { ...OPTIONS, primary }).verdict, 'not_better');
    }
  }
});

test('equally good models rarely win', () => {
  let wins = 0;
  for (let i = 0; i < 60; i++) {
    wins +=
      compareModels(world(1_000, 1, `equal ${i}`, 0.5, 0.5), { ...OPTIONS, draws: 100 }).verdict === 'better'
        ? 1
        : 0;
  }
  assert.ok(wins <= 8, `${wins} of 60 at a stated 5 %`);
});

test('a gain that is not certain, or too few users, is undecided', () => {
  const small = compareModels(world(90, 3, 'small', 1, 0.1), OPTIONS);
  assert.equal(small.verdict, 'undecided');
  assert.equal(small.checks.find((check) => check.id === 'enough_of_each_class')?.passed, false);
  const unclear = compareModels(world(1_500, 1, 'unclear', 0.5, 0.45), { ...OPTIONS, minimumGain: 0.005 });
  assert.equal(unclear.verdict, 'undecided', JSON.stringify(unclear));
});

test('gaps in the numbers of users change nothing', () => {
  const sample = world(400, 3, 'gaps', 0.6, 0.4);
  const gaps = { ...sample, units: sample.units.map((unit) => 5 * unit) };
  assert.deepEqual(compareModels(gaps, OPTIONS), compareModels(sample, OPTIONS));
});

test('one class is undecided with null, not NaN', () => {
  const scores = Float64Array.from({ length: 300 }, (_, i) => i / 300);
  const result = compareModels(
    {
      labels: new Uint8Array(300),
      units: Int32Array.from(scores.keys()),
      champion: scores,
      challenger: scores.map((x) => x / 2),
    },
    OPTIONS,
  );
  assert.equal(result.verdict, 'undecided');
  assert.deepEqual([result.measures.roc_auc.difference, result.gain_lower_bound], [null, null]);
});

test('a better ranking that ruins the probabilities is not better', () => {
  const sample = world(1_500, 1, 'ruined', 2, 0.2);
  const challenger = sample.challenger.map((score) => Math.min(1, 0.5 + score / 2));
  const result = compareModels({ ...sample, challenger }, OPTIONS);
  assert.ok(result.gain_lower_bound! > 0);
  assert.equal(result.checks.find((check) => check.id === 'brier_not_worse')?.passed, false);
  assert.equal(result.verdict, 'not_better');
});
