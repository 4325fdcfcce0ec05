import fc from 'fast-check';
import type { Dated, Evidence } from '../../src/policy/rule.js';
import type { PolicySettings } from '../../src/policy/settings.js';
import { addDays } from '../../src/time.js';
import { DEFAULT_POLICY } from './default-policy.js';
import { driftReport, evaluationReport } from './reports.js';

export const TODAY = '2025-03-01';

const day = fc.integer({ min: -60, max: 3 }).map((days) => addDays(TODAY, days));
const version = fc.constantFrom('v1', 'v2');
const share = fc.double({ min: 0, max: 1, noNaN: true });
const positiveRate = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true }));

const feature = fc.record({
  name: fc.constantFrom('country', 'watch_minutes_7d', 'active_days_7d'),
  psi: fc.double({ min: 0, max: 2, noNaN: true }),
  nulls: fc.option(share, { nil: null }),
  noise: fc.boolean(),
});

const drift = fc.record({
  status: fc.constantFrom('OK', 'WARN', 'FAIL', 'INSUFFICIENT'),
  rows: fc.nat({ max: 2000 }),
  features: fc.uniqueArray(feature, { selector: (one) => one.name, minLength: 1 }),
});

const measured = fc.record({
  measure: fc.constant('pr_auc' as const),
  value: share,
  interval: fc.option(
    fc.tuple(share, share).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
    {
      nil: null,
    },
  ),
});

function dated<T>(report: fc.Arbitrary<T>): fc.Arbitrary<Dated<T>[]> {
  return fc
    .array(fc.record({ at: day, version, report }), { maxLength: 6 })
    .map((all) => all.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)));
}

export const anyEvidence: fc.Arbitrary<Evidence> = fc.record({
  at: fc.constant(TODAY),
  champion: fc.option(
    fc.record({
      version,
      trained_at: day,
      data: fc.constant({ from: '2024-01-01', to: '2025-01-01' }),
      measures: measured.map((one) => ({ pr_auc: { value: one.value, interval: one.interval } })),
      positive_rate: fc.option(positiveRate, { nil: null }),
    }),
    { nil: null },
  ),
  drift: dated(drift.map(driftReport)),
  evaluations: dated(fc.array(measured, { maxLength: 1 }).map((all) => evaluationReport('v1', all, 0.1))),
  newest_labelled_day: fc.option(day, { nil: null }),
  last_retrain: fc.option(fc.record({ at: day, verdict: fc.constantFrom('promoted', 'held') }), {
    nil: null,
  }),
});

export const anySettings: fc.Arbitrary<PolicySettings> = fc.record({
  drift: fc.record({
    enabled: fc.boolean(),
    max_psi: share,
    checks: fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
      .map(([a, b]) => ({ of: Math.max(a, b), needed: Math.min(a, b) })),
  }),
  performance: fc.record({
    enabled: fc.boolean(),
    measure: fc.constantFrom('pr_auc', 'roc_auc', 'log_loss', 'brier'),
    fall: share,
    mode: fc.constantFrom('relative', 'absolute'),
    beyond_noise: fc.boolean(),
  }),
  schedule: fc.record({ enabled: fc.boolean(), every_days: fc.integer({ min: 1, max: 60 }) }),
  new_data: fc.record({ enabled: fc.boolean(), days: fc.integer({ min: 1, max: 60 }) }),
  cooldown: fc.record({ days: fc.integer({ min: 0, max: 20 }) }),
  broken_feed: fc.record({ enabled: fc.boolean(), null_share: share, volume_share: share }),
  evidence_max_age_days: fc.integer({ min: 0, max: 60 }),
});

/** The default policy with some parts changed. */
export function settingsWith(change: Partial<PolicySettings>): PolicySettings {
  return { ...DEFAULT_POLICY, ...change };
}
