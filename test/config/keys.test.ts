import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnLayout } from '../../src/config/columns.js';
import { configKeys, environmentKeys } from '../../src/config/keys.js';
import { nearest } from '../../src/config/nearest.js';
import { configSchema } from '../../src/config/schema.js';

const DEFAULTS = configSchema.parse({});

describe('the keys of the configuration', () => {
  const keys = configKeys();

  it('are there for every leaf of the defaults', () => {
    const known = keys.map((key) => key.path.split('.'));
    const visit = (value: unknown, path: string[]): void => {
      if (path.length > 0) {
        assert.ok(
          known.some(
            (parts) =>
              parts.length === path.length && parts.every((part, i) => part === 'NAME' || part === path[i]),
          ),
          `no key ${path.join('.')}`,
        );
      }
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        for (const [name, inner] of Object.entries(value)) {
          visit(inner, [...path, name]);
        }
      }
    };
    visit(DEFAULTS, []);
  });

  it('hold the settings that have no default and those of other choices', () => {
    const paths = keys.map((key) => key.path);
    for (const path of [
      ...['training.purge_days', 'sources.users.where', 'label.column', 'label.kind_column', 'label.events'],
      ...['population.where', 'population.active_within_days', 'training.sampling.every_days'],
      ...['features.daily.NAME.distinct', 'features.rolling.NAME.max', 'sources.events.columns.NAME.sql'],
    ]) {
      assert.ok(paths.includes(path), path);
    }
    assert.equal(new Set(paths).size, paths.length);
  });

  it('have a description and a type each', () => {
    for (const { path, description, type } of keys) {
      assert.ok(description.length >= 5, `${path} is not described`);
      assert.ok(type.length > 0 && !type.includes('undefined'), `${path} has the type ${type}`);
    }
  });

  it('say what a key means in every choice', () => {
    const kind = keys.find((key) => key.path === 'label.kind');
    assert.equal(kind?.type, 'inactivity | event | date');
    assert.match(String(kind?.description), /inactivity: .*; event: .*; date: /);
  });

  it('have a variable each, but for names of the own choice', () => {
    const variables = environmentKeys().map((key) => key.variable);
    assert.equal(new Set(variables).size, variables.length);
    assert.ok(variables.includes('CHURN_HISTORY_URL') && variables.includes('CHURN_POLICY_NEW_DATA_DAYS'));
    assert.ok(variables.every((variable) => /^CHURN_[A-Z0-9_]+$/.test(variable)));
    assert.ok(environmentKeys().every((key) => !key.path.includes('NAME')));
  });
});

describe('the reference configuration', () => {
  it("yields exactly the contract's columns", () => {
    const windows = [7, 14, 30].flatMap((window) =>
      [
        ...['active_days', 'events', 'logins', 'enroll', 'watch_minutes', 'quiz_attempts', 'quiz_avg_score'],
        ...['payment_success', 'payment_failed', 'support_ticket'],
      ].map((name) => `${name}_${window}d`),
    );
    const layout = columnLayout(DEFAULTS.features);
    assert.deepEqual([...layout.daily].sort(), [
      ...[
        'as_of_date',
        'country',
        'days_since_signup',
        'engagement_score',
        'enroll_count',
        'is_active_day',
        'is_paid',
      ],
      ...[
        'logins_count',
        'marketing_source',
        'payment_failed_count',
        'payment_success_count',
        'plan',
        'quiz_attempts_count',
      ],
      ...[
        'quiz_avg_score',
        'signup_date',
        'support_ticket_count',
        'total_events',
        'user_id',
        'watch_minutes_sum',
      ],
    ]);
    assert.deepEqual(
      [...layout.derived].sort(),
      [...windows, 'payment_fail_rate_30d', 'days_since_last_activity'].sort(),
    );
    assert.deepEqual(layout.statics, ['plan', 'is_paid', 'country', 'marketing_source', 'engagement_score']);
  });

  it('leaves out optional columns that the users do not have, and only those', () => {
    const layout = columnLayout(DEFAULTS.features, ['user_id', 'signup_date', 'plan']);
    assert.deepEqual(layout.statics, ['plan', 'is_paid', 'country', 'marketing_source']);
  });

  it("has the contract's thresholds and drift features", () => {
    assert.deepEqual([DEFAULTS.drift.warn, DEFAULTS.drift.fail], [0.1, 0.25]);
    assert.deepEqual(DEFAULTS.drift.features, [
      ...[
        'active_days_7d',
        'watch_minutes_7d',
        'watch_minutes_30d',
        'quiz_attempts_7d',
        'days_since_last_activity',
      ],
    ]);
    assert.deepEqual(DEFAULTS.label, { kind: 'inactivity', horizon_days: 30 });
    assert.deepEqual(DEFAULTS.population, { active_within_days: 30 });
  });
});

describe('nearest', () => {
  it('finds what is a few edits away, or nothing', () => {
    assert.equal(nearest('drfit', ['draft', 'drift', 'data']), 'drift');
    assert.equal(nearest('WARN', ['warn']), 'warn');
    assert.equal(nearest('xyz', ['drift', 'warn']), null);
    assert.equal(nearest('', ['ab']), null);
    assert.equal(nearest('of', ['off', 'on']), 'off');
  });
});
