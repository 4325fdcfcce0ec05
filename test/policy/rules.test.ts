import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Champion, Evidence, Finding } from '../../src/policy/rule.js';
import { brokenFeed } from '../../src/policy/rules/broken-feed.js';
import { cooldown } from '../../src/policy/rules/cooldown.js';
import { drift } from '../../src/policy/rules/drift.js';
import { newData } from '../../src/policy/rules/new-data.js';
import { performance } from '../../src/policy/rules/performance.js';
import { schedule } from '../../src/policy/rules/schedule.js';
import type { PolicySettings } from '../../src/policy/settings.js';
import { addDays } from '../../src/time.js';
import { settingsWith, TODAY } from './arbitrary.js';
import { DEFAULT_POLICY } from './default-policy.js';
import { driftReport, evaluationReport } from './reports.js';
import type { DriftedFeature, Measured } from './scenario.js';

const CHAMPION: Champion = {
  version: 'v1',
  trained_at: TODAY,
  data: { from: '2024-01-01', to: '2025-01-01' },
  measures: {
    pr_auc: { value: 0.4, interval: [0.36, 0.44] },
    log_loss: { value: 0.2, interval: [0.19, 0.21] },
    roc_auc: { value: null, interval: null, reason: 'one class' },
  },
  positive_rate: 0.08,
};

function evidenceWith(change: Partial<Evidence>): Evidence {
  return {
    at: TODAY,
    champion: CHAMPION,
    drift: [],
    evaluations: [],
    newest_labelled_day: null,
    last_retrain: null,
    ...change,
  };
}

type Judged = Omit<Finding, 'rule'>;

function afterDrift(features: Partial<DriftedFeature>[], rows = 1000): Judged {
  const full = features.map((one) => ({ name: 'country', psi: 0, nulls: null, noise: false, ...one }));
  const report = driftReport({ status: 'WARN', rows, features: full });
  return drift.judge(evidenceWith({ drift: [{ at: TODAY, version: 'v1', report }] }), DEFAULT_POLICY);
}

function afterEvaluation(
  measured: Partial<Measured>,
  change: Partial<PolicySettings['performance']> = {},
  champion: Champion = CHAMPION,
): Judged {
  const measures: Measured[] = [{ measure: 'pr_auc', value: 0.4, interval: null, ...measured }];
  const report = evaluationReport('v1', measures, 0.08);
  const settings = settingsWith({ performance: { ...DEFAULT_POLICY.performance, ...change } });
  return performance.judge(
    evidenceWith({ champion, evaluations: [{ at: TODAY, version: 'v1', report }] }),
    settings,
  );
}

it('drift: above the limit, not at it', () => {
  assert.equal(afterDrift([{ psi: 0.25 }]).says, 'quiet');
  const firing = afterDrift([{ psi: 0.2501 }, { name: 'plan', psi: 0.01 }]);
  assert.equal(firing.says, 'firing');
  assert.deepEqual([firing.value, firing.threshold, firing.since], [0.2501, 0.25, TODAY]);
  assert.match(firing.because, /^country drifted; the largest PSI is 0\.250 \(country\)/);
});

it('drift: a feature judged by another statistic counts when it failed', () => {
  const report = driftReport({
    status: 'FAIL',
    rows: 1000,
    features: [{ name: 'country', psi: 0.05, nulls: null, noise: false }],
  });
  report.features[0].statistic = 'kolmogorov_smirnov';
  const judge = () =>
    drift.judge(evidenceWith({ drift: [{ at: TODAY, version: 'v1', report }] }), DEFAULT_POLICY).says;
  assert.equal(judge(), 'quiet');
  report.features[0].status = 'FAIL';
  assert.equal(judge(), 'firing');
});

it('drift: says that noise explains a large PSI, and what is missing', () => {
  assert.match(afterDrift([{ psi: 0.4, noise: true }]).because, /0\.400.*which noise explains/);
  const none = drift.judge(evidenceWith({}), DEFAULT_POLICY);
  assert.match(none.because, /there is no drift check of the champion v1 yet/);
  const report = driftReport({ status: 'FAIL', rows: 1, features: [] });
  const old = [{ at: addDays(TODAY, -15), version: 'v1', report }];
  assert.match(
    drift.judge(evidenceWith({ drift: old }), DEFAULT_POLICY).because,
    /15 days old; older than 14 days/,
  );
});

it('performance: the fall must pass what is allowed, relative or absolute', () => {
  const noise = { beyond_noise: false };
  assert.equal(afterEvaluation({ value: 0.361 }, noise).says, 'quiet');
  assert.equal(afterEvaluation({ value: 0.359 }, noise).says, 'firing');
  assert.equal(afterEvaluation({ value: 0.359 }, { ...noise, mode: 'absolute' }).says, 'quiet');
  assert.equal(afterEvaluation({ value: 0.299 }, { ...noise, mode: 'absolute' }).says, 'firing');
});

it('performance: of a record near 0 it tells no share', () => {
  const champion = { ...CHAMPION, measures: { pr_auc: { value: 5e-324, interval: null } } };
  const { because } = afterEvaluation({ value: 1e-17 }, { beyond_noise: false }, champion);
  assert.match(because, /pr_auc went from 0\.000 to 0\.000[;:]/);
});

it('performance: of log loss less is better', () => {
  const measure = 'log_loss' as const;
  const judge = (value: number, interval: [number, number]) =>
    afterEvaluation({ measure, value, interval }, { measure });
  assert.equal(judge(0.1, [0.09, 0.11]).says, 'quiet');
  assert.equal(judge(0.3, [0.28, 0.32]).says, 'firing');
  assert.equal(judge(0.3, [0.19, 0.45]).says, 'quiet');
  assert.equal(judge(0.3, [0.28, 0.32]).threshold?.toFixed(3), '0.220');
});

it('performance: the fall must exceed the noise of both samples', () => {
  // fall 0.10; noise sqrt(0.04^2 + 0.09^2) = 0.0985 and sqrt(0.04^2 + 0.095^2) = 0.1031
  assert.equal(afterEvaluation({ value: 0.3, interval: [0.2, 0.39] }).says, 'firing');
  const noise = afterEvaluation({ value: 0.3, interval: [0.2, 0.395] });
  assert.equal(noise.says, 'quiet');
  assert.match(noise.because, /within noise/);
});

it('performance: without an interval of the record, the whole evaluation lies below what is allowed', () => {
  const bare = { ...CHAMPION, measures: { pr_auc: { value: 0.4, interval: null } } };
  assert.equal(afterEvaluation({ value: 0.3, interval: [0.25, 0.359] }, {}, bare).says, 'firing');
  assert.equal(afterEvaluation({ value: 0.3, interval: [0.25, 0.361] }, {}, bare).says, 'quiet');
});

it('performance: quiet with the reason when there is nothing to compare', () => {
  assert.match(afterEvaluation({ value: 0.1, interval: null }).because, /without an interval/);
  assert.match(afterEvaluation({}, { measure: 'roc_auc' }).because, /no held-out roc_auc.*one class/);
  const report = evaluationReport('v1', [], null);
  const empty = evidenceWith({ evaluations: [{ at: TODAY, version: 'v1', report }] });
  assert.match(performance.judge(empty, DEFAULT_POLICY).because, /fewer than 20 positives/);
});

it('performance: shows the lift over the churn rate', () => {
  const { because } = afterEvaluation({ value: 0.3, interval: [0.28, 0.32] });
  assert.match(
    because,
    /from 0\.400 to 0\.300 \(25 % worse\); lift .* from 5\.0 \(8\.0 %\) to 3\.8 \(8\.0 %\)/,
  );
});

it('schedule: on the day, not before', () => {
  const after = (days: number) =>
    schedule.judge(
      evidenceWith({ champion: { ...CHAMPION, trained_at: addDays(TODAY, -days) } }),
      DEFAULT_POLICY,
    );
  assert.equal(after(29).says, 'quiet');
  assert.deepEqual([after(30).says, after(30).since], ['firing', TODAY]);
  assert.equal(after(35).since, addDays(TODAY, -5));
});

it('new data: counts the first unseen day as the first', () => {
  const until = (newest_labelled_day: string) =>
    newData.judge(evidenceWith({ newest_labelled_day }), DEFAULT_POLICY);
  assert.equal(until('2024-12-31').value, 0);
  assert.equal(until('2025-01-01').value, 1);
  assert.deepEqual([until('2025-01-29').says, until('2025-01-30').says], ['quiet', 'firing']);
  assert.equal(until('2025-01-30').since, TODAY);
  assert.equal(until('2024-06-01').value, 0);
});

it('cooldown: less than so many days, and never 0', () => {
  const after = (days: number, champion: Champion | null = CHAMPION) =>
    cooldown.judge(
      evidenceWith({ champion, last_retrain: { at: addDays(TODAY, -days), verdict: 'rejected' } }),
      DEFAULT_POLICY,
    );
  assert.deepEqual(
    [after(0), after(6), after(7), after(-1)].map((one) => one.says),
    ['veto', 'veto', 'quiet', 'quiet'],
  );
  assert.equal(after(0, null).says, 'quiet');
  assert.equal(cooldown.enabled(settingsWith({ cooldown: { days: 0 } })), false);
});

function feed(checks: { rows?: number; nulls?: number | null; psi?: number }[]): Judged {
  const all = checks.map(({ rows = 1000, nulls = null, psi = 0.5 }, index) => ({
    at: addDays(TODAY, -index),
    version: 'v1',
    report: driftReport({ status: 'FAIL', rows, features: [{ name: 'minutes', psi, nulls, noise: false }] }),
  }));
  return brokenFeed.judge(evidenceWith({ drift: all }), DEFAULT_POLICY);
}

it('broken feed: nulls above the share, with what moved', () => {
  assert.equal(feed([{ nulls: 0.5 }]).says, 'quiet');
  const broken = feed([{ nulls: 0.51 }, { nulls: 0.6 }, {}]);
  assert.deepEqual([broken.says, broken.value, broken.since], ['veto', 0.51, addDays(TODAY, -1)]);
  assert.match(broken.because, /51 % of minutes are null, 0 % when/);
  assert.equal(feed([{ nulls: 0.9, psi: 0.01 }]).says, 'quiet');
});

it('broken feed: far fewer rows than the checks before, of which at least three are known', () => {
  assert.equal(feed([{ rows: 499 }, {}, {}]).says, 'quiet');
  assert.deepEqual(
    [feed([{ rows: 499 }, {}, {}, {}]).says, feed([{ rows: 500 }, {}, {}, {}]).says],
    ['veto', 'quiet'],
  );
});
