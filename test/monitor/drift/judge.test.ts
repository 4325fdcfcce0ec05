import assert from 'node:assert/strict';
import { test } from 'node:test';
import { section12Psi } from '../../../src/monitor/drift/compat/section-12.js';
import { featureDrift } from '../../../src/monitor/drift/feature.js';
import { driftReport, tableDrift } from '../../../src/monitor/drift/judge.js';
import type { FeatureDrift } from '../../../src/monitor/drift/report.js';
import { categoricalBins, numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues, tableProfile } from '../../../src/monitor/profile/count.js';
import { random } from '../../../src/random.js';

const OPTIONS = { warn: 0.1, fail: 0.25, seed: 7, unitAware: false };

const normals = (n: number, seed: string, shift = 0) => {
  const chance = random(seed);
  return Float64Array.from({ length: n }, () => chance.normal() + shift);
};

function numbers(reference: Float64Array, current: Float64Array, name = 'x'): FeatureDrift {
  const bins = numericBins(reference);
  return featureDrift(profileOfValues(name, bins, reference), profileOfValues(name, bins, current), OPTIONS);
}

function texts(reference: (string | null)[], current: (string | null)[], name = 'plan'): FeatureDrift {
  const counts = new Map<string, number>();
  for (const value of reference) {
    if (value !== null) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const bins = categoricalBins(counts);
  return featureDrift(profileOfValues(name, bins, reference), profileOfValues(name, bins, current), OPTIONS);
}

const part = (feature: FeatureDrift, cause: string) =>
  feature.parts.find((each) => each.cause === cause)!.psi;
const repeat = <T>(value: T, times: number) => new Array<T>(times).fill(value);

test('half of all values moved by +100 is drift (described system: 0.0018)', () => {
  const reference = normals(10_000, 'reference');
  const current = normals(10_000, 'current').map((value, i) => (i % 2 === 0 ? value + 100 : value));
  assert.ok(section12Psi(reference, current) < 0.01);
  const feature = numbers(reference, current);
  assert.equal(feature.status, 'FAIL');
  assert.ok(feature.value! > 1);
  assert.ok(part(feature, 'out_of_range') > 0.95 * feature.value!);
  assert.match(feature.because, /^50\.0 % of x is now above its reference maximum/);
});

test('a constant column that changes is drift', () => {
  const feature = numbers(new Float64Array(1_000).fill(5), new Float64Array(1_000).fill(7));
  assert.equal(section12Psi(new Float64Array(1_000).fill(5), new Float64Array(1_000).fill(7)), 0);
  assert.equal(feature.status, 'FAIL');
  assert.ok(feature.value! > 5 && feature.p_value! < 1e-100);
  assert.match(feature.because, /100\.0 % of x is now above its reference maximum 5/);
});

test('a constant column that stays is OK with PSI 0', () => {
  const feature = numbers(new Float64Array(1_000).fill(5), new Float64Array(1_000).fill(5));
  assert.deepEqual([feature.status, feature.value, feature.p_value], ['OK', 0, 1]);
});

test('an empty column that fills is drift, one that stays empty is INSUFFICIENT', () => {
  const empty = new Float64Array(1_000).fill(Number.NaN);
  assert.equal(numbers(empty, normals(1_000, 'fills')).status, 'FAIL');
  const still = numbers(empty, empty);
  assert.deepEqual([still.status, still.value], ['INSUFFICIENT', null]);
  assert.match(still.because, /no value in either window/);
});

test('too little data is INSUFFICIENT, never OK', () => {
  const reference = normals(10_000, 'much');
  for (const rows of [0, 1, 5, 100, 200]) {
    const feature = numbers(reference, normals(rows, 'little'));
    assert.equal(feature.status, 'INSUFFICIENT', `${rows} rows: ${feature.because}`);
  }
  assert.equal(numbers(reference, normals(300, 'enough')).status, 'OK');
  assert.match(
    numbers(reference, normals(200, 'x')).because,
    /too few rows: 200 in the current window, about 222/,
  );
  assert.equal(numbers(normals(100, 'short'), normals(10_000, 'long')).status, 'INSUFFICIENT');
  assert.equal(numbers(new Float64Array(5).fill(1), new Float64Array(5).fill(1)).status, 'INSUFFICIENT');
});

test('nulls are a cell of their own and named as the cause', () => {
  const withNulls = (share: number, seed: string) =>
    normals(5_000, seed).map((value, i) => (i % 100 < 100 * share ? Number.NaN : value));
  const feature = numbers(withNulls(0.02, 'r'), withNulls(0.31, 'c'), 'watch_minutes_7d');
  assert.equal(feature.status, 'FAIL');
  assert.equal(feature.because, '31.0 % of watch_minutes_7d is now null (2.0 % in the reference)');
  assert.ok(part(feature, 'nulls') > 0.9 * feature.value!);
  assert.deepEqual(feature.nulls, { reference: 100, current: 1_550 });
});

test('unseen categories are drift and named', () => {
  const reference = [...repeat('free', 700), ...repeat('paid', 300)];
  const feature = texts(reference, [...repeat('free', 500), ...repeat('paid', 200), ...repeat('gold', 300)]);
  assert.equal(feature.status, 'FAIL');
  assert.match(
    feature.because,
    /^30\.0 % of plan now holds values that the reference does not have, most often "gold"/,
  );
  const shifted = texts(reference, [...repeat('free', 400), ...repeat('paid', 600)]);
  assert.match(shifted.because, /^plan: the share of "(free|paid)" went from/);
});

test('values that moved are told with their direction', () => {
  const feature = numbers(normals(5_000, 'a'), normals(5_000, 'b', 0.7), 'minutes');
  assert.equal(feature.status, 'FAIL');
  assert.match(feature.because, /^minutes: values moved up, mean 0\.7/);
});

test('an effect without evidence is not drift', () => {
  const feature = numbers(normals(2_000, 'before'), normals(2_000, 'after', 0.4));
  assert.equal(feature.status, 'WARN');
  const report = driftReport([{ ...feature, p_value: 0.04 }, ...clean(3)], REPORT);
  assert.deepEqual(
    report.features.map((each) => each.status),
    ['OK', 'OK', 'OK', 'OK'],
  );
  assert.match(report.features[0].because, /may be chance: p = 0\.16/);
});

test('evidence without an effect is not drift', () => {
  const feature = numbers(normals(50_000, 'big'), normals(50_000, 'also big', 0.05));
  assert.ok(feature.p_value! < 1e-6);
  assert.equal(feature.status, 'OK');
  assert.ok(feature.value_debiased! < feature.value!);
});

const REPORT = { rows: { reference: 1_000, current: 1_000 }, warn: 0.1, fail: 0.25, significance: 0.05 };
const clean = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...numbers(normals(2_000, `r${i}`), normals(2_000, `c${i}`), `clean_${i}`),
    p_value: 0.9,
  }));

test('the worst judged feature decides; one that cannot be judged withholds OK but hides no drift', () => {
  const unjudged = numbers(normals(2_000, 'r'), normals(3, 'c'), 'rare');
  const drifted = numbers(normals(2_000, 'r'), normals(2_000, 'c', 2), 'moved');
  assert.equal(driftReport(clean(2), REPORT).status, 'OK');
  assert.equal(driftReport([...clean(2), unjudged], REPORT).status, 'INSUFFICIENT');
  const report = driftReport([...clean(2), unjudged, drifted], REPORT);
  assert.equal(report.status, 'FAIL');
  assert.equal(report.state, 'ok');
  assert.equal(report.overall_max_psi, drifted.value);
  assert.equal(report.psi_by_feature.rare, null);
});

test('no judgable feature gives INSUFFICIENT and a null maximum', () => {
  for (const features of [[], [numbers(normals(2_000, 'r'), normals(3, 'c'))]]) {
    const report = driftReport(features, REPORT);
    assert.deepEqual(
      [report.status, report.state, report.overall_max_psi],
      ['INSUFFICIENT', 'insufficient_data', null],
    );
  }
});

test('30 clean features raise no alarm, whatever the seed', () => {
  for (let seed = 0; seed < 10; seed++) {
    const features = Array.from({ length: 30 }, (_, i) =>
      numbers(normals(1_000, `r${seed}/${i}`), normals(500, `c${seed}/${i}`), `f${i}`),
    );
    assert.equal(driftReport(features, REPORT).status, 'OK');
  }
});

test('tables: user-days are judged by unit groups, one row per user by independent rows', () => {
  const values = normals(3_000, 'table');
  const bins = numericBins(values);
  const groups = Uint8Array.from(values, (_, i) => Math.floor(i / 10) % 64);
  const table = (units: number) => tableProfile([profileOfValues('x', bins, values, groups)], units);
  const options = { warn: 0.1, fail: 0.25, seed: 1 };
  const days = tableDrift(table(300), table(300), options);
  assert.deepEqual([days.features[0].method, days.status], ['rao_scott', 'OK']);
  assert.deepEqual(days.features[0].units, { reference: 300, current: 300 });
  assert.equal(tableDrift(table(3_000), table(3_000), options).features[0].method, 'pearson');
});

test('features are judged by the statistic and levels that are chosen for them', () => {
  const [before, after] = [normals(4_000, 'chosen'), normals(4_000, 'chosen too', 0.25)];
  const plans = (gold: number) => Array.from(before, (_, i) => (i % 100 < gold ? 'gold' : 'free'));
  const bins = numericBins(before);
  const plan = categoricalBins([
    ['free', 9],
    ['gold', 1],
  ]);
  const table = (values: Float64Array, gold: number) =>
    tableProfile(
      [
        profileOfValues('x', bins, values),
        profileOfValues('y', bins, values),
        profileOfValues('plan', plan, plans(gold)),
      ],
      null,
    );
  const report = tableDrift(table(before, 10), table(after, 10), {
    ...OPTIONS,
    statistic: 'wasserstein',
    by_feature: { y: { warn: 0.2, fail: 0.21 }, plan: { statistic: 'jensen_shannon' } },
  });
  const [x, y, gold] = report.features;
  assert.deepEqual([x.statistic, x.status, x.levels], ['wasserstein', 'OK', { warn: 0.3, fail: 0.5 }]);
  assert.deepEqual([y.status, y.levels], ['FAIL', { warn: 0.2, fail: 0.21 }]);
  assert.ok(Math.abs(y.value! - 0.25) < 0.05 && y.error! < 0.1 && Math.abs(y.in_units! - 0.25) < 0.05);
  assert.deepEqual([gold.statistic, gold.status], ['jensen_shannon', 'OK']);
  assert.equal(report.psi_by_feature.x, x.psi);
  assert.ok(x.psi! < 0.1 && x.beside.psi === x.psi && x.beside.kolmogorov_smirnov! > 0.05);
  const names = (statistic: string) =>
    tableDrift(table(before, 10), table(after, 10), { ...OPTIONS, statistic }).features.map(
      (f) => f.statistic,
    );
  assert.deepEqual(names('kolmogorov_smirnov'), ['kolmogorov_smirnov', 'kolmogorov_smirnov', 'psi']);
  assert.throws(
    () =>
      tableDrift(table(before, 10), table(after, 10), {
        ...OPTIONS,
        by_feature: { plan: { statistic: 'wasserstein' } },
      }),
    { code: 'config.invalid' },
  );
});

test('too few rows are too few for every statistic, with the rows that would do', () => {
  const reference = normals(5_000, 'much');
  const bins = numericBins(reference);
  for (const statistic of [
    'jensen_shannon',
    'wasserstein',
    'mean_shift',
    'kolmogorov_smirnov',
    'missing_rate',
  ]) {
    const of = (rows: number) =>
      tableDrift(
        tableProfile([profileOfValues('x', bins, reference)], null),
        tableProfile([profileOfValues('x', bins, normals(rows, 'few'))], null),
        { ...OPTIONS, statistic },
      ).features[0];
    assert.equal(of(8).status, 'INSUFFICIENT', statistic);
    const needed = Number(/about (\d+) are needed/.exec(of(8).because)?.[1]);
    assert.ok(needed > 8 && needed < 1_000, `${statistic}: ${of(8).because}`);
    assert.equal(of(2_000).status, 'OK', statistic);
  }
});

test('a missing column is an error, never skipped', () => {
  const column = profileOfValues('x', numericBins(normals(10, 'm')), normals(10, 'm'));
  const [full, none] = [tableProfile([column], null), tableProfile([], null)];
  assert.throws(() => tableDrift(full, none, OPTIONS), { code: 'data.column_missing' });
  assert.throws(() => tableDrift(full, full, { ...OPTIONS, columns: ['y'] }), {
    code: 'data.column_missing',
  });
});

test('other bins, other columns and missing unit groups are refused', () => {
  const of = (name: string, seed: string) => {
    const values = normals(500, seed);
    return profileOfValues(name, numericBins(values), values);
  };
  assert.throws(() => featureDrift(of('x', 'a'), of('x', 'b'), OPTIONS), { code: 'model.mismatch' });
  assert.throws(() => featureDrift(of('x', 'a'), of('y', 'a'), OPTIONS), { code: 'model.mismatch' });
  assert.throws(() => featureDrift(of('x', 'a'), of('x', 'a'), { ...OPTIONS, unitAware: true }), {
    code: 'model.mismatch',
  });
});
