import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoricalBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../../src/monitor/profile/count.js';
import { asEncoded } from '../../../src/monitor/profile/encoded.js';

const bins = categoricalBins([
  ['free', 3],
  ['gone', 2],
  ['paid', 1],
]);

test('categories that the model does not know are unseen, by unit too', () => {
  const values = ['free', 'free', 'paid', 'gone', 'gone', null];
  const groups = [[2, 1, 1, 0, 0, 0]];
  const profile = { ...profileOfValues('plan', bins, values), groups };
  groups[0] = profile.counts.concat(profile.nulls);
  const encoded = asEncoded(profile, ['free', 'paid']);
  const expected = profileOfValues(
    'plan',
    bins,
    values.map((value) => (value === 'gone' ? '(unseen)' : value)),
  );
  assert.deepEqual(encoded.counts, expected.counts);
  assert.deepEqual(encoded.groups, [[...expected.counts, 1]]);
  assert.equal(encoded.nulls, 1);
  assert.deepEqual(asEncoded(profile, ['free', 'gone', 'paid']), profile);
});
