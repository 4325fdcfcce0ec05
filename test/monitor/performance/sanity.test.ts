import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyFindings, featureFindings, scoreFindings } from '../../../src/monitor/performance/sanity.js';
import { random } from '../../../src/random.js';
import { scoredUsers } from './scored-users.js';

const WIDTH = 5;

/** Numbers, small counts and gaps; the label depends a little on the first. */
function table(rows: number, seed: string) {
  const chance = random(seed);
  const values = new Float32Array(rows * WIDTH);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const risk = chance.normal();
    labels[row] = chance.uniform() < 1 / (1 + Math.exp(1 - risk)) ? 1 : 0;
    values.set(
      [risk, chance.normal(), chance.poisson(2), chance.uniform() < 0.3 ? Number.NaN : chance.normal(), 7],
      row * WIDTH,
    );
  }
  return { matrix: { columns: ['risk', 'x', 'visits', 'gaps', 'constant'], values, rows }, labels };
}

function withColumn(column: number, of: (label: number, row: number) => number) {
  const { matrix, labels } = table(3_000, 'leak');
  const values = matrix.values.slice();
  labels.forEach((label, row) => {
    values[row * WIDTH + column] = of(label, row);
  });
  return featureFindings({ ...matrix, values }, labels);
}

test('a feature that tells the label is found by name: by value, in reverse, and by being null', () => {
  const { matrix, labels } = table(3_000, 'leak');
  assert.deepEqual(featureFindings(matrix, labels), [], 'a good feature is no leak');
  const [leak, ...others] = withColumn(1, (label, row) => label * 10 + (row % 5));
  assert.equal(others.length, 0);
  assert.match(leak.says, /"x" alone tells the label with ROC AUC 1\.000/);
  assert.match(withColumn(1, (label, row) => -label + (row % 100 === 0 ? 5 : 0))[0].says, /"x"/);
  assert.match(
    withColumn(3, (label, row) => (label === 1 ? Number.NaN : row))[0].says,
    /being null in "gaps" alone/,
  );
});

test('few of a class can be told apart by chance, so nothing is said', () => {
  const { matrix } = table(200, 'few');
  const labels = Uint8Array.from({ length: 200 }, (_, row) => (row < 10 ? 1 : 0));
  assert.deepEqual(featureFindings({ ...matrix, columns: matrix.columns }, labels), []);
});

test('copied rows are found; rows that look alike in any case are none', () => {
  const [learn, other] = [table(2_000, 'learn').matrix, table(500, 'test').matrix];
  assert.deepEqual(copyFindings(learn, other), []);
  const values = other.values.slice();
  values.set(learn.values.subarray(0, 20 * WIDTH));
  const [found] = copyFindings(learn, { ...other, values });
  assert.match(found.says, /20 of 500 test rows equal a training row/);
  const idle = { ...learn, values: new Float32Array(learn.values.length) };
  assert.deepEqual(copyFindings(idle, { ...idle, rows: 100 }), [], 'users who do nothing');
});

test('constant scores and scores that are too good are told', () => {
  const { labels, scores } = scoredUsers({ users: 300, days: 1, seed: 'plain' });
  assert.deepEqual(scoreFindings(labels, scores), []);
  assert.equal(
    scoreFindings(
      labels,
      scores.map(() => 0.3),
    )[0].id,
    'constant_scores',
  );
  const knows = scores.map((score, row) => labels[row] * 0.9 + score * 0.1);
  assert.match(scoreFindings(labels, knows)[0].says, /too good to be true/);
  assert.deepEqual(scoreFindings(labels.subarray(0, 5), knows.subarray(0, 5)), []);
  assert.deepEqual(scoreFindings(new Uint8Array(), new Float64Array()), []);
});
