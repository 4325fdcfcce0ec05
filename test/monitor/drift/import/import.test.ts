import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSchema } from '../../../../src/config/schema.js';
import { importSettings } from '../../../../src/monitor/drift/import/index.js';
import { tableDrift } from '../../../../src/monitor/drift/judge.js';
import { profileOfValues, tableProfile } from '../../../../src/monitor/profile/count.js';
import { meanOf, varianceOf } from '../../../../src/monitor/profile/moments.js';
import { readProfile } from '../../../../src/monitor/profile/read.js';

test("Evidently's preset: methods, thresholds in our base, share of columns, and what has no counterpart", () => {
  const { drift, notes } = importSettings(
    {
      metrics: [
        {
          type: 'evidently:metric_container:DataDriftPreset',
          columns: ['age', 'plan', 'income'],
          drift_share: 0.4,
          num_method: 'wasserstein',
          cat_method: 'jensenshannon',
          per_column_method: { plan: 'jensenshannon', income: 'anderson', age: 'ks' },
          per_column_threshold: { plan: 0.1, age: 0.01 },
        },
      ],
    },
    'evidently.json',
  );
  assert.deepEqual(drift.features, ['age', 'plan', 'income']);
  assert.deepEqual(drift.status, { by: 'share', warn: 0.2, fail: 0.4 });
  assert.equal(drift.statistic, 'wasserstein');
  // 0.1 in base e is 0.1 / sqrt(ln 2) in base 2.
  assert.deepEqual(drift.by_feature, {
    plan: { statistic: 'jensen_shannon', warn: 0.120112, fail: 0.120112 },
    age: { statistic: 'kolmogorov_smirnov' },
  });
  const said = notes.map(({ what, note }) => `${what}: ${note}`).join('\n');
  assert.match(said, /anderson: no counterpart/);
  assert.match(said, /age: ks below 0\.01: a p-value/);
  assert.match(said, /cat_method: "jensenshannon"/);
  configSchema.parse({ drift });
});

test("SageMaker's constraints: thresholds by type of feature, and what has no counterpart", () => {
  const document = {
    version: 0,
    features: [
      {
        name: 'minutes',
        inferred_type: 'Fractional',
        completeness: 1,
        num_constraints: { is_non_negative: true },
      },
      {
        name: 'plan',
        inferred_type: 'String',
        completeness: 0.9,
        string_constraints: { domains: ['a', 'b'] },
      },
      { name: 'odd', inferred_type: 'Unknown', completeness: 1 },
    ],
    monitoring_config: {
      evaluate_constraints: 'Enabled',
      datatype_check_threshold: 1,
      domain_content_threshold: 1,
      distribution_constraints: {
        perform_comparison: 'Enabled',
        comparison_threshold: 0.12,
        comparison_method: 'Robust',
      },
    },
  };
  const { drift, notes, profile } = importSettings(document, 'constraints.json');
  assert.equal(profile, null);
  assert.deepEqual(drift.by_feature, {
    minutes: { statistic: 'kolmogorov_smirnov', warn: 0.12, fail: 0.12 },
    plan: { statistic: 'l_infinity', warn: 0.12, fail: 0.12 },
  });
  const said = notes.map(({ what }) => what).join('\n');
  for (const what of [
    'Robust',
    'minutes: completeness 1',
    'non-negative',
    '2 allowed values',
    'odd: Unknown',
    'datatype_check_threshold',
  ]) {
    assert.ok(said.includes(what), what);
  }
  configSchema.parse({ drift });
});

test("SageMaker's statistics become a reference profile that a table can be compared with", () => {
  const buckets = [0, 10, 20, 30].map((lower) => ({
    lower_bound: lower,
    upper_bound: lower + 10,
    count: 250,
  }));
  const document = {
    version: 0,
    dataset: { item_count: 1050 },
    features: [
      {
        name: 'minutes',
        inferred_type: 'Fractional',
        numerical_statistics: {
          common: { num_present: 1000, num_missing: 50 },
          mean: 20,
          sum: 20_000,
          std_dev: 11.5,
          min: 0,
          max: 40,
          distribution: { kll: { buckets, sketch: { parameters: { c: 0.64, k: 2048 }, data: [[1]] } } },
        },
      },
      {
        name: 'plan',
        inferred_type: 'String',
        string_statistics: {
          common: { num_present: 1050, num_missing: 0 },
          distinct_count: 2,
          distribution: {
            categorical: {
              buckets: [
                { value: 'free', count: 700 },
                { value: 'paid', count: 350 },
              ],
            },
          },
        },
      },
      {
        name: 'constant',
        inferred_type: 'Integral',
        numerical_statistics: {
          common: { num_present: 1050, num_missing: 0 },
          mean: 3,
          sum: 3150,
          std_dev: 0,
          min: 3,
          max: 3,
          distribution: {
            kll: {
              buckets: [1, 2, 3, 4].map((_, i) => ({
                lower_bound: 3,
                upper_bound: 3,
                count: i === 3 ? 1050 : 0,
              })),
            },
          },
        },
      },
    ],
  };
  const { profile, drift } = importSettings(document, 'statistics.json');
  assert.deepEqual(drift.features, ['minutes', 'plan', 'constant']);
  const reference = readProfile(JSON.parse(JSON.stringify(profile)), 'statistics.json');
  const [minutes, plan, constant] = reference.columns;
  assert.ok(Math.abs(meanOf(minutes.moments!)! - 20) < 1e-9);
  assert.ok(Math.abs(Math.sqrt(varianceOf(minutes.moments!)! * (999 / 1000)) - 11.5) < 1e-9);
  const values = (from: number) =>
    Float64Array.from({ length: 2000 }, (_, i) => (i % 21 === 0 ? Number.NaN : from + (40 * i) / 2000));
  const table = (from: number, value: number) =>
    tableProfile(
      [
        profileOfValues('minutes', minutes.bins, values(from)),
        profileOfValues(
          'plan',
          plan.bins,
          Array.from({ length: 2000 }, (_, i) => (i % 3 === 0 ? 'paid' : 'free')),
        ),
        profileOfValues('constant', constant.bins, new Float64Array(2000).fill(value)),
      ],
      null,
    );
  const options = { warn: 0.1, fail: 0.25, seed: 1 };
  assert.equal(tableDrift(reference, table(0, 3), options).status, 'OK');
  const moved = tableDrift(reference, table(15, 4), options).features.map(({ status }) => status);
  assert.deepEqual(moved, ['FAIL', 'OK', 'FAIL']);
});

test('a document of another kind is refused', () => {
  for (const document of [null, [], {}, { features: [] }]) {
    assert.throws(() => importSettings(document, 'x.json'), {
      code: 'input.unreadable',
      message: /another monitor in x\.json/,
    });
  }
});
