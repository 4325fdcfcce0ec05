import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { STEPS } from '../../src/data/steps/index.js';
import { checkDrift } from '../../src/jobs/drift.js';
import { generate } from '../../src/jobs/generate.js';
import { promote } from '../../src/jobs/promote.js';
import { retrain } from '../../src/jobs/retrain.js';
import { runSteps } from '../../src/jobs/run-steps.js';
import { trainVersion } from '../../src/jobs/train.js';
import type { Manifest } from '../../src/model/registry/manifest.js';
import type { ComparisonReport } from '../../src/monitor/performance/report.js';
import type { Project } from '../../src/open.js';
import { addDays } from '../../src/time.js';
import {
  call,
  cleanUp,
  copyOf,
  newFolder,
  newProject,
  preparedProject,
  QUICK,
  STORY,
} from '../jobs/project.js';
import { writeCsv } from '../jobs/tables.js';

const LINEAR = { ...QUICK, training: { trainer: 'linear' } };

/**
 * Faults of the described system (contract.md, "Known faults") that show only when the parts work together. The others
 * are beside the part that they concern: test/monitor/drift/judge, test/data/steps, test/jobs.
 */
describe('faults of the described system, done right', () => {
  let project: Project;
  let champion: Manifest;
  let candidate: Manifest;

  before(async () => {
    project = await preparedProject();
    champion = await trainVersion(project, { at: addDays(STORY.trained, -30), trainer: 'linear' });
    await promote(project, { version: champion.version, force: false, at: STORY.trained });
    candidate = await trainVersion(project, { at: STORY.trained, trainer: 'linear' });
  });
  after(cleanUp);

  it('promotion compares champion and challenger on the same matured rows, not two files', async () => {
    const on = await copyOf(project);
    // What the files say would decide the other way round, or be a comparison of different days.
    assert.notDeepEqual(champion.data.test, candidate.data.test);
    const path = join(on.registry.folder(champion.version), 'manifest.json');
    const lie = JSON.parse(await readFile(path, 'utf8'));
    lie.measures.pr_auc = { value: 0.99, interval: [0.98, 1] };
    await writeFile(path, JSON.stringify(lie));
    await writeFile(
      on.layout.metrics('production_latest.json'),
      JSON.stringify({ metrics: { pr_auc: 0.99 } }),
    );
    const told = await promote(on, { version: candidate.version, force: false, at: STORY.trained });
    const honest = await promote(await copyOf(project), {
      version: candidate.version,
      force: false,
      at: STORY.trained,
    });
    assert.deepEqual(told, honest);
    const report = told.comparison as ComparisonReport;
    assert.ok(report.window && report.rows > 0);
    assert.ok(
      report.window.from >= addDays(candidate.data.to, 30),
      'newer than the training of both by the horizon',
    );
    assert.ok((report.measures.pr_auc.champion as number) < 0.9);
    assert.notEqual(
      report.measures.pr_auc.champion,
      champion.measures.pr_auc.value,
      'its own days are others',
    );
  });

  it('two equally good models: a point comparison is no evidence, so nothing is promoted', async () => {
    const on = await copyOf(project, {
      ...QUICK,
      training: { trainer: 'linear', seed: 4, validation_share: 0.25 },
    });
    const twin = await trainVersion(on, { at: STORY.trained });
    assert.notEqual(twin.version, candidate.version);
    await promote(on, { version: candidate.version, force: true, at: STORY.trained });
    const { verdict, comparison } = await promote(on, {
      version: twin.version,
      force: false,
      at: STORY.trained,
    });
    assert.notEqual(verdict, 'promoted', JSON.stringify(comparison?.measures.pr_auc));
    assert.equal(await on.history.alias('champion'), candidate.version);
  });

  it('a column missing from the current table is an error, not skipped', async () => {
    const folder = await newFolder();
    const values = Array.from({ length: 500 }, (_, i) => i % 50);
    const reference = await writeCsv(folder, 'a.csv', { minutes: values, visits: values });
    const current = await writeCsv(folder, 'b.csv', { minutes: values });
    const { code, err } = await call(folder, ['drift', '--reference', reference, '--current', current]);
    assert.equal(code, 65);
    assert.match(err, /"visits" in .*b\.csv/);
  });

  it('reference and current are disjoint, and the quiet calendar alone is no drift', async () => {
    for (const at of ['2025-09-20', STORY.quiet]) {
      const { status, windows, overall_max_psi } = await checkDrift(project, { at, refresh: false });
      assert.ok(windows.reference && windows.reference.to <= windows.current.from);
      assert.equal(status, 'OK', `${at}: ${overall_max_psi}`);
    }
  });

  it('without the purge gap the record is flattered: the leaking split is far above the purged one', async () => {
    const config = (training: object) => ({
      ...LINEAR,
      population: 'all',
      training: { trainer: 'linear', sampling: 'all', complete_windows: false, ...training },
    });
    const on = await newProject(config({}));
    await generate(on, {
      preset: 'section-12',
      start: '2026-01-01',
      days: 120,
      users: 300,
      seed: 42,
      drift: [],
    });
    await runSteps(on, STEPS);
    const purged = await trainVersion(on, { at: null });
    const leaking = await trainVersion(await copyOf(on, config({ purge_days: 0 })), { at: null });
    assert.deepEqual([leaking.data.purge_days, purged.data.purge_days], [0, 30]);
    assert.deepEqual(leaking.data.test.from, purged.data.test.from);
    const [flattered, honest] = [leaking, purged].map(({ measures }) => measures.pr_auc.value as number);
    assert.ok(flattered > honest + 0.05, `${flattered} against ${honest}`);
  });

  it('a drift, too little data, bad data and a crash end with different codes', async () => {
    const crash = await copyOf(project);
    await writeFile(crash.layout.userFeaturesDaily, 'no Parquet');
    const few = await copyOf(project, { ...QUICK, population: { where: 'user_id % 100 = 0' } });
    const codes = [
      (await call(project.root, ['drift', '--at', STORY.quiet])).code,
      (await call(project.root, ['drift', '--at', STORY.noticed])).code,
      (await call(few.root, ['drift', '--at', STORY.quiet])).code,
      (await call(crash.root, ['drift', '--at', STORY.quiet])).code,
    ];
    assert.deepEqual(codes, [0, 2, 3, 65]);
  });

  it('retraining does not run the generator: sources are real', async () => {
    const on = await copyOf(project, LINEAR);
    const events = await readFile(join(on.root, 'data', 'raw', 'events.parquet'));
    await retrain(on, { at: STORY.noticed, ifNeeded: false, refresh: true });
    const commands = (await on.history.runs()).map(({ command }) => command);
    assert.equal(commands.filter((command) => command === 'generate').length, 1, 'that of the preparation');
    assert.deepEqual(await readFile(join(on.root, 'data', 'raw', 'events.parquet')), events);
  });

  it('undefined is null with a reason in the JSON, never 0 or NaN', async () => {
    const folder = await newFolder();
    const ids = Array.from({ length: 60 }, (_, i) => i);
    const predictions = await writeCsv(folder, 'p.csv', { id: ids, score: ids.map((i) => i / 60) });
    const outcomes = await writeCsv(folder, 'o.csv', { id: ids, churned: ids.map(() => 0) });
    const columns = ['--id', 'id', '--score', 'score', '--outcome', 'churned'];
    const found = await call(folder, [
      'evaluate',
      '--predictions',
      predictions,
      '--outcomes',
      outcomes,
      ...columns,
      '--json',
    ]);
    const report = found.json<{ pr_auc: unknown; roc_auc: unknown; reasons: Record<string, string> }>();
    assert.deepEqual([report.pr_auc, report.roc_auc], [null, null]);
    assert.ok(report.reasons.pr_auc && report.reasons.roc_auc);
    assert.doesNotMatch(found.out, /NaN|Infinity/);
  });
});
