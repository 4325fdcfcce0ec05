import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableDrift } from '../../../src/monitor/drift/judge.js';
import { categoricalBins, numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues, tableProfile } from '../../../src/monitor/profile/count.js';
import { withoutRareNames } from '../../../src/monitor/profile/privacy.js';
import type { TableProfile } from '../../../src/monitor/profile/profile.js';
import { readProfile } from '../../../src/monitor/profile/read.js';

const CITIES = [
  ...new Array<string>(600).fill('Rome'),
  ...new Array<string>(390).fill('Oslo'),
  ...new Array<string>(7).fill('Ulm'),
  ...new Array<string>(3).fill('Au'),
];
const counts = (values: readonly string[]) => values.map((value) => [value, 1] as [string, number]);

function profile(cities: readonly string[], bins = categoricalBins(counts(CITIES), 3)): TableProfile {
  const groups = Uint8Array.from(cities, (_, i) => i % 64);
  return tableProfile([profileOfValues('city', bins, [...cities], groups)], cities.length);
}

test('names of rare categories are dropped, and a comparison still finds no drift among the same rows', () => {
  const hidden = withoutRareNames(profile(CITIES), 20);
  const text = JSON.stringify(hidden);
  assert.ok(!text.includes('Ulm') && !text.includes('Au') && text.includes('Oslo'));
  const [city] = hidden.columns;
  assert.deepEqual(city.counts, [600, 390, 0, 10]);
  assert.deepEqual(readProfile(JSON.parse(text), 'x'), hidden);
  const bins = city.bins as ReturnType<typeof categoricalBins>;
  const [same] = tableDrift(hidden, profile(CITIES, bins), { warn: 0.1, fail: 0.25, seed: 1 }).features;
  assert.deepEqual([same.status, same.value], ['OK', 0]);
  const moved = CITIES.map((name, i) => (i % 4 === 0 ? 'Paris' : name));
  const [drifted] = tableDrift(hidden, profile(moved, bins), { warn: 0.1, fail: 0.25, seed: 1 }).features;
  assert.deepEqual(
    [drifted.status, drifted.parts.find(({ cause }) => cause === 'unseen')!.psi > 0.2],
    ['FAIL', true],
  );
  const common = CITIES.slice(0, 990);
  const plain = profile(common, categoricalBins(counts(common)));
  assert.deepEqual(withoutRareNames(plain, 20), plain);
});

test('a saved profile is read back as it was, and refused when it is not whole', () => {
  const values = Float64Array.from({ length: 500 }, (_, i) => i ** 1.5);
  const whole = tableProfile([profileOfValues('x', numericBins(values), values)], null);
  const document = () => JSON.parse(JSON.stringify(whole));
  assert.deepEqual(readProfile(document(), 'a.json'), whole);
  const refused = (change: (copy: TableProfile) => void, code: string, message: RegExp) => {
    const copy = document();
    change(copy);
    assert.throws(() => readProfile(copy, 'a.json'), { code, message });
  };
  refused(
    (copy) => Object.assign(copy, { schema: 9 }),
    'model.mismatch',
    /schema 1 in a\.json; got schema 9/,
  );
  refused((copy) => copy.columns[0].counts.pop(), 'input.unreadable', /counts for/);
  refused((copy) => (copy.columns[0].counts[0] += 1), 'input.unreadable', /501 counted rows/);
  refused((copy) => Object.assign(copy.columns[0], { bins: {} }), 'input.unreadable', /unknown kind/);
  refused(
    (copy) => (copy.columns[0].bins as ReturnType<typeof numericBins>).edges.reverse(),
    'input.unreadable',
    /do not rise/,
  );
  for (const stranger of [null, [], 'x', { columns: [] }]) {
    assert.throws(() => readProfile(stranger, 'a.json'), { code: 'input.unreadable' });
  }
});
