import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { checkDrift, DRIFT_FILE } from '../../src/jobs/drift.js';
import { generate } from '../../src/jobs/generate.js';
import type { DriftReport } from '../../src/monitor/drift/report.js';
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
