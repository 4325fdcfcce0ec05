import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { checkDrift, DRIFT_FILE, type ProjectDriftReport } from '../../src/jobs/drift.js';
import type { DriftSeries } from '../../src/jobs/drift-series.js';
import { generate } from '../../src/jobs/generate.js';
import type { DriftReport } from '../../src/monitor/drift/report.js';
import { mergeTables } from '../../src/monitor/profile/merge.js';
import type { TableProfile } from '../../src/monitor/profile/profile.js';
import type { Project } from '../../src/open.js';
import { addDays } from '../../src/time.js';
import { call, championProject, cleanUp, copyOf, QUICK, readReport, STORY } from './project.js';

const FEATURES = [
  'active_days_7d',
  'watch_minutes_7d',
  'watch_minutes_30d',
  'quiz_attempts_7d',
  'days_since_last_activity',
];

describe('drift of a project', () => {
  let project: Project;

  before(async () => {
    project = await championProject();
  });
  after(cleanUp);

  it('is OK in a quiet month, and writes the report with the fields of the contract and of commands.md', async () => {
    const report = await checkDrift(project, { at: STORY.quiet, refresh: false });
    assert.equal(report.status, 'OK', JSON.stringify(report.psi_by_feature));
    const written = await readReport<DriftReport>(project, DRIFT_FILE);
    assert.deepEqual(written, JSON.parse(JSON.stringify(report)));
    assert.deepEqual(Object.keys(written.psi_by_feature), FEATURES);
    const values = Object.values(written.psi_by_feature) as number[];
    assert.equal(written.overall_max_psi, Math.max(...values));
    assert.equal(written.state, 'ok');
    assert.ok(written.rows.reference > 1000 && written.rows.current > 1000);
    const [feature] = written.features;
    for (const field of [
      'name',
      'kind',
      'status',
      'statistic',
      'value',
      'p_value',
      'p_adjusted',
      'parts',
      'rows',
      'nulls',
      'units',
    ]) {
      assert.ok(field in feature, field);
    }
    assert.deepEqual(report.windows.current, { from: addDays(STORY.quiet, -6), to: addDays(STORY.quiet, 1) });
    const [kept] = await project.history.reports<DriftReport>({ kind: 'drift', limit: 1 });
    assert.equal(kept.at, STORY.quiet);
    assert.equal(kept.version, report.version);
    assert.deepEqual(kept.body, written);
  });

  it('fails two weeks after people do half as much, and says what moved', async () => {
    const report = await checkDrift(project, { at: STORY.noticed, refresh: false });
    assert.equal(report.status, 'FAIL');
    const watched = report.features.find((feature) => feature.name === 'watch_minutes_7d');
    assert.match(watched?.because ?? '', /values moved down, mean .* in the reference/);
    const [run] = await project.history.runs({ command: 'drift', limit: 1 });
    assert.deepEqual([run.status, run.exit_code, run.at], ['attention', 2, STORY.noticed]);
  });

  it('ends with 0, 2 and, for too few rows, 3, or 0 when that is allowed', async () => {
    assert.equal((await call(project.root, ['drift', '--at', STORY.quiet])).code, 0);
    assert.equal((await call(project.root, ['drift', '--at', STORY.noticed])).code, 2);
    const few = await copyOf(project, { ...QUICK, population: { where: 'user_id % 100 = 0' } });
    const found = await call(few.root, ['drift', '--at', STORY.quiet, '--json']);
    assert.equal(found.code, 3);
    const report = found.json<DriftReport>();
    assert.equal(report.status, 'INSUFFICIENT');
    assert.equal(report.state, 'insufficient_data');
    assert.match(report.features[0].because, /too few rows|cannot be judged/);
    assert.equal((await call(few.root, ['drift', '--at', STORY.quiet, '--insufficient', 'ok'])).code, 0);
  });

  it('refuses a window that overlaps the days learnt from', async () => {
    await assert.rejects(checkDrift(project, { at: '2025-03-01', refresh: false }), {
      code: 'usage.invalid',
      message: /after the champion's training days/,
    });
  });

  it('refuses a table without a watched column: it is never skipped', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.userFeaturesDaily;
    await engine.write(
      sql`SELECT * EXCLUDE (quiz_attempts_7d) FROM ${readTable(engine, path)}`,
      path,
      'parquet',
    );
    await assert.rejects(checkDrift(copy, { at: STORY.quiet, refresh: false }), {
      code: 'data.column_missing',
      message: /"quiz_attempts_7d"/,
    });
    assert.equal((await call(copy.root, ['drift', '--at', STORY.quiet])).code, 65);
  });

  it('refuses features that end before the day asked for', async () => {
    await assert.rejects(checkDrift(project, { at: '2026-02-01', refresh: false }), {
      code: 'data.stale',
      message: /features that end on 2025-11-26/,
    });
  });

  it('refuses features that are older than the newest events, and builds them when asked to', async () => {
    const copy = await copyOf(project);
    const { start, users, seed } = STORY;
    await generate(copy, { start, users, seed, days: STORY.days + 14, preset: 'default', drift: [] });
    await assert.rejects(checkDrift(copy, { at: null, refresh: false }), {
      code: 'data.stale',
      message: /up to 2025-12-10, the day of the newest events; got features that end on 2025-11-26/,
    });
    const report = await checkDrift(copy, { at: null, refresh: true });
    assert.equal(report.at, '2025-12-10');
    const [run] = await copy.history.runs({ command: 'drift', limit: 1 });
    const parts = await copy.history.runs({ parent: run.id });
    assert.deepEqual(parts.map((part) => part.command).reverse(), [
      'validate',
      'prepare',
      'features',
      'labels',
      'training-set',
    ]);
  });

  it('names the champion whose profile lacks a feature that is watched now', async () => {
    const copy = await copyOf(project, {
      ...QUICK,
      training: { exclude: ['events_7d'] },
      drift: { features: ['events_7d'] },
    });
    const { columns } = await project.registry.profile(await project.registry.find('champion'));
    assert.ok(columns.some((column) => column.name === 'events_7d'));
    await checkDrift(copy, { at: STORY.quiet, refresh: false });
    const other = await copyOf(project, {
      ...QUICK,
      features: {
        rolling: { active_days: { sum: 'is_active_day' }, happenings: { sum: 'total_events' } },
        ratios: {},
      },
      drift: { features: ['happenings_7d'] },
    });
    await assert.rejects(checkDrift(other, { at: STORY.quiet, refresh: false }), {
      code: 'model.mismatch',
      message: /"happenings_7d" \(drift.features\)/,
    });
  });

  it('compares with the previous period or a fixed window, over the same bins', async () => {
    const drift = async (...args: string[]) => {
      const found = await call(project.root, ['drift', '--json', ...args]);
      return found.json<ProjectDriftReport>();
    };
    const previous = await drift('--at', STORY.quiet, '--against', 'previous');
    assert.deepEqual(previous.windows.reference, {
      from: addDays(STORY.quiet, -13),
      to: addDays(STORY.quiet, -6),
    });
    assert.equal(previous.status, 'OK', JSON.stringify(previous.psi_by_feature));
    const fixed = await drift('--window', '2025-10-25..2025-10-31', '--against', '2025-09-20..2025-10-10');
    assert.deepEqual(fixed.windows.reference, { from: '2025-09-20', to: '2025-10-11' });
    assert.equal(fixed.status, 'FAIL');
    const overlap = await call(project.root, [
      'drift',
      '--window',
      '2025-10-01..2025-10-09',
      '--against',
      '2025-10-05..2025-10-20',
    ]);
    assert.equal(overlap.code, 64);
    assert.match(overlap.err, /a current window after the reference/);
    const backwards = await call(project.root, ['drift', '--window', '2025-10-09..2025-10-01']);
    assert.equal(backwards.code, 64);
  });

  it('keeps the profiles of the days it saw, so that later a window is their sum', async () => {
    const { version, windows } = await checkDrift(project, { at: STORY.quiet, refresh: false });
    const [series] = await project.history.profileSeries();
    assert.equal(series.series, version);
    const kept = await project.history.profiles<TableProfile>({ series: version, window: windows.current });
    assert.equal(kept.length, 7);
    const range = `${windows.current.from}..${STORY.quiet}`;
    const over = async (...more: string[]) => {
      const args = ['drift', '--by', 'week', '--window', range, '--at', STORY.quiet, '--json', ...more];
      return (await call(project.root, args)).json<DriftSeries>();
    };
    const [counted, summed] = [await over(), await over('--kept')];
    assert.equal(summed.periods.length, 1);
    assert.deepEqual(summed, counted);
    // Merged into a month by `history tidy`, days are not written again.
    const sum = (parts: { body: TableProfile }[]) => parts.map(({ body }) => body).reduce(mergeTables);
    assert.ok(await project.history.mergeProfiles<TableProfile>(version, windows.current, sum));
    assert.equal((await checkDrift(project, { at: STORY.quiet, refresh: false })).status, 'OK');
    const [month] = await project.history.profiles<TableProfile>({
      series: version,
      window: windows.current,
    });
    assert.equal(month.body.rows, counted.periods[0].report.rows.current);
  });

  it('shows drift over time by week and by day, and writes nothing to history', async () => {
    const before = (await project.history.reports({ kind: 'drift', limit: 100 })).length;
    const found = await call(project.root, [
      'drift',
      '--by',
      'week',
      '--window',
      '2025-09-10..2025-11-04',
      '--json',
    ]);
    assert.equal(found.code, 0, found.err);
    const { periods } = found.json<DriftSeries>();
    assert.equal(periods.length, 8);
    assert.deepEqual([periods[0].from, periods[7].to], ['2025-09-10', '2025-11-05']);
    assert.ok(periods.slice(0, 4).every(({ report }) => report.status === 'OK'));
    assert.equal(periods[7].report.status, 'FAIL');
    const whole = await call(project.root, ['drift', '--window', '2025-10-29..2025-11-04', '--json']);
    assert.deepEqual(periods[7].report.psi_by_feature, whole.json<DriftReport>().psi_by_feature);
    const drawn = await call(project.root, ['drift', '--by', 'day', '--at', STORY.noticed]);
    assert.equal(drawn.code, 0, drawn.err);
    assert.match(drawn.out, /watch_minutes_7d +[▁▂▃▄▅▆▇█]{28}/);
    assert.equal((await project.history.reports({ kind: 'drift', limit: 100 })).length, before + 1);
    assert.equal((await call(project.root, ['drift', '--by', 'month'])).code, 64);
  });

  it('repeats the check by segment, and names the features that matter to the champion first', async () => {
    const found = await call(project.root, ['drift', '--at', STORY.noticed, '--segments', 'plan', '--json']);
    const { segments, features } = found.json<ProjectDriftReport>();
    assert.ok(segments!.segments.length >= 2);
    assert.ok(segments!.segments.every(({ column }) => column === 'plan'));
    const rows = segments!.segments.reduce((sum, segment) => sum + segment.rows.current, 0);
    assert.equal(rows, found.json<DriftReport>().rows.current);
    assert.ok(features.some(({ importance, priority }) => importance! > 0 && priority! > 0));
    const drawn = await call(project.root, ['drift', '--at', STORY.noticed, '--segments', 'plan']);
    assert.match(drawn.out, /plan = \w+/);
    const unknown = await call(project.root, ['drift', '--at', STORY.noticed, '--segments', 'gender']);
    assert.equal(unknown.code, 65);
    assert.match(unknown.err, /"gender" in .* to tell segments by/);
  });

  it("compares the champion's scores beside the features, when asked to", async () => {
    const of = async (at: string) =>
      (await call(project.root, ['drift', '--at', at, '--scores', '--json'])).json<ProjectDriftReport>();
    const [quiet, moved] = [await of(STORY.quiet), await of(STORY.last)];
    assert.equal(quiet.scores!.status, 'OK', quiet.scores!.because);
    assert.deepEqual([quiet.scores!.name, quiet.scores!.method], ['churn_risk', 'rao_scott']);
    assert.ok(moved.scores!.value! > 2 * quiet.scores!.value!, JSON.stringify([quiet.scores, moved.scores]));
    assert.ok(!('churn_risk' in moved.psi_by_feature));
    const drawn = await call(project.root, ['drift', '--at', STORY.last, '--scores']);
    assert.match(drawn.out, /scores: (OK|WARN|FAIL), PSI \d\.\d{3}; /);
    const logged = await call(project.root, ['drift', '--at', STORY.quiet, '--scores', '--log']);
    assert.notEqual(logged.code, 0);
  });

  it('asks a classifier whether the windows can be told apart, when asked to', async () => {
    const of = async (at: string) =>
      (
        await call(project.root, ['drift', '--at', at, '--multivariate', '--json'])
      ).json<ProjectDriftReport>();
    const [quiet, moved] = [await of(STORY.quiet), await of(STORY.last)];
    assert.ok(
      moved.multivariate!.roc_auc! > quiet.multivariate!.roc_auc! + 0.05,
      JSON.stringify([quiet.multivariate, moved.multivariate]),
    );
    assert.ok(moved.multivariate!.interval![0] > 0.6);
    assert.equal(moved.multivariate!.features.length, FEATURES.length);
    const drawn = await call(project.root, ['drift', '--at', STORY.last, '--multivariate']);
    assert.match(
      drawn.out,
      /a classifier tells the windows apart with ROC AUC 0\.\d+ \(0\.\d+ to 0\.\d+; 0\.5 is chance\), by \w+ \(\d+ %\)/,
    );
  });

  it('keeps a budget of false alarms, and learns levels, from the training days', async () => {
    const config = { ...QUICK, drift: { levels: 'learnt', false_alarms: { pages: 1, days: 91 } } };
    const copy = await copyOf(project, config);
    const { levels, status } = await checkDrift(copy, { at: STORY.quiet, refresh: false });
    assert.equal(status, 'OK');
    const { calibration, learnt } = levels!;
    assert.ok(calibration!.replayed_days > 60 && calibration!.scale >= 1);
    assert.ok(calibration!.pages <= calibration!.replayed_days / 91);
    assert.ok(Object.values(learnt).every(({ windows, warn, fail }) => windows >= 8 && fail > warn));
    assert.equal((await checkDrift(copy, { at: STORY.last, refresh: false })).status, 'FAIL');
    const drawn = await call(copy.root, ['drift', '--at', STORY.quiet]);
    assert.match(drawn.out, /levels x \d\.\d\d: \d+ false pages in \d+ replayed days/);
  });

  it('gives the described system its own numbers when configured', async () => {
    const described = await checkDrift(project, { at: STORY.noticed, refresh: false, compat: 'section-12' });
    assert.match(described.rule, /^section-12/);
    assert.equal(described.windows.reference, null);
    const copy = await copyOf(project, { ...QUICK, drift: { compat: 'section-12' } });
    const found = await call(copy.root, ['drift', '--at', STORY.noticed, '--json']);
    assert.deepEqual(found.json<DriftReport>().psi_by_feature, described.psi_by_feature);
    const ours = await call(copy.root, ['drift', '--at', STORY.noticed, '--compat', 'none', '--json']);
    assert.doesNotMatch(ours.json<DriftReport>().rule, /section-12/);
  });
});
