import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { raw, sql } from '../../src/data/engine/sql.js';
import { trainingSet } from '../../src/data/steps/training-set.js';
import { readTable } from '../../src/data/tables.js';
import { runSteps } from '../../src/jobs/run-steps.js';
import { trainVersion } from '../../src/jobs/train.js';
import type { Manifest } from '../../src/model/registry/manifest.js';
import type { Project } from '../../src/open.js';
import { addDays, daysBetween } from '../../src/time.js';
import { call, cleanUp, copyOf, openIn, preparedProject, QUICK, STORY } from './project.js';

describe('training a version', () => {
  let project: Project;
  let manifest: Manifest;

  before(async () => {
    project = await preparedProject();
    manifest = await trainVersion(project, { at: STORY.trained });
  });
  after(cleanUp);

  it('records what it was made of and how good it was', async () => {
    const { data } = manifest;
    assert.equal(manifest.trainer, 'xgboost');
    assert.equal(data.from, addDays(STORY.start, 29), 'rows begin when the longest window is complete');
    assert.equal(daysBetween(data.to, data.test.from), 30);
    assert.ok(data.test.to <= addDays(STORY.trained, 1 - 30), 'labels are known on the day of the training');
    const { pr_auc, roc_auc } = manifest.measures;
    assert.ok(roc_auc.value !== null && roc_auc.value > 0.65, `ROC AUC ${roc_auc.value}`);
    assert.ok(pr_auc.interval && pr_auc.interval[0] <= (pr_auc.value as number));
    assert.ok((pr_auc.value as number) > 1.5 * (manifest.positive_rate as number));
    assert.ok(manifest.libraries.XGBoost);
    assert.equal(manifest.importance.length, manifest.features.length);
    const [report] = await project.history.reports<Manifest>({ kind: 'training' });
    assert.deepEqual(report.body, manifest);
    const profile = await project.registry.profile(manifest);
    assert.deepEqual(profile.window, { from: data.from, to: data.to });
    for (const { name } of manifest.features) {
      assert.ok(
        profile.columns.some((column) => column.name === name),
        `no profile of ${name}`,
      );
    }
  });

  it('ONNX equals XGBoost within 1e-6 on every held-out row, nulls included', async () => {
    assert.equal(manifest.proof.rows, manifest.data.test.rows);
    assert.ok(manifest.proof.max_difference <= 1e-6);
    const golden = await project.registry.golden(manifest);
    assert.ok(golden.rows.flat().includes(null));
  });

  it('the same data twice give the same bytes and the same version, whatever the clock', async () => {
    const other = await copyOf(project);
    const bytes = await readFile(await project.registry.modelPath(manifest));
    const elsewhere = await preparedProject();
    assert.notEqual(elsewhere.root, other.root);
    const again = await trainVersion(elsewhere, { at: STORY.trained });
    assert.equal(again.version, manifest.version);
    assert.deepEqual(await readFile(await elsewhere.registry.modelPath(again)), bytes);
    const known = await trainVersion(other, { at: STORY.trained });
    assert.deepEqual(known, manifest, 'the record of the first time stays');
  });

  it('another seed or day is another version', async () => {
    const other = await copyOf(project, {
      ...QUICK,
      training: { ...(QUICK.training as object), seed: 1, trainer: 'linear' },
    });
    const linear = await trainVersion(other, { at: STORY.trained });
    assert.equal(linear.trainer, 'linear');
    assert.notEqual(linear.version, manifest.version);
    const earlier = await trainVersion(other, { at: addDays(STORY.trained, -20) });
    assert.ok(earlier.data.test.to < linear.data.test.to);
    assert.ok(earlier.version.startsWith('20250726-'));
  });

  it('refuses a training set that ends before the labels do', async () => {
    await assert.rejects(trainVersion(project, { at: STORY.noticed }), {
      code: 'data.stale',
      message: /run `churn-mlops training-set` first/,
    });
  });

  it('too short a history ends with exit code 3 and the days that it needs', async () => {
    const at = addDays(STORY.start, 75);
    const short = await copyOf(project);
    await runSteps(short, [trainingSet], { at });
    await assert.rejects(trainVersion(short, { at }), {
      code: 'data.insufficient',
      exitCode: 3,
      message: /labelled days \(to learn from, a gap of 30/,
    });
    await assert.rejects(trainVersion(short, { at: addDays(STORY.start, 20) }), {
      code: 'data.insufficient',
    });
  });

  it('a history too short for a second gap is validated on held-out users', async () => {
    const at = addDays(STORY.start, 160);
    const short = await copyOf(project);
    const result = await trainVersion(short, { at, trainer: 'linear' });
    assert.equal(result.data.validation, null);
    assert.match(result.data.validated, /validated on held-out users/);
  });

  it('says so when nobody churned', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.trainingDataset;
    await engine.write(
      sql`SELECT * REPLACE (CAST(0 AS INTEGER) AS churn_label) FROM ${readTable(engine, path)}`,
      path,
      'parquet',
    );
    await assert.rejects(trainVersion(copy, { at: STORY.trained }), {
      code: 'data.insufficient',
      message: /in the training days; got \d+ rows, nobody churned/,
    });
  });

  it('a category that comes up only in the test days is as unseen there as it will be in use', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.trainingDataset;
    await engine.write(
      sql`SELECT * REPLACE (CASE WHEN as_of_date >= CAST(${manifest.data.test.from} AS DATE) THEN 'premium' ELSE plan END AS plan) FROM ${readTable(engine, path)}`,
      path,
      'parquet',
    );
    const { features } = await trainVersion(copy, { at: STORY.trained, trainer: 'linear' });
    const plan = features.find(({ name }) => name === 'plan');
    assert.deepEqual(plan, { name: 'plan', type: 'category', categories: ['free', 'paid'] });
  });

  it('stops between two rounds when asked to, with a record that says so, and registers nothing', async () => {
    const copy = await copyOf(project, { ...QUICK, training: { rounds: 5000, early_stopping_rounds: 5000 } });
    const abort = new AbortController();
    const stoppable = await openIn(copy.root, { signal: abort.signal });
    const rounds: number[] = [];
    const training = trainVersion(stoppable, {
      at: STORY.trained,
      onRound: ({ round }) => {
        rounds.push(round);
        abort.abort(new Error('Ctrl-C'));
      },
    });
    await assert.rejects(training, { code: 'work.cancelled', message: /Ctrl-C/ });
    assert.ok(rounds.length < 1000);
    const [run] = await copy.history.runs({ command: 'train', limit: 1 });
    assert.deepEqual([run.status, run.error?.code], ['failed', 'work.cancelled']);
    assert.ok(run.finished_at);
    assert.equal((await copy.registry.list()).length, 1);
  });

  it('warns of a feature that tells the label, and not of honest ones', async () => {
    assert.deepEqual(manifest.warnings, []);
    const leaking = await copyOf(project);
    const engine = await leaking.engine();
    const { trainingDataset, userFeaturesDaily } = leaking.layout;
    const withColumn = (path: string, value: string) =>
      engine.write(
        sql`SELECT *, ${raw(value)} AS days_until_cancelled FROM ${readTable(engine, path)}`,
        path,
        'parquet',
      );
    await withColumn(trainingDataset, 'CAST(90 - 60 * churn_label AS DOUBLE)');
    await withColumn(userFeaturesDaily, 'CAST(90 AS DOUBLE)');
    const found = await call(leaking.root, ['train', '--at', STORY.trained, '--trainer', 'linear', '--json']);
    const warnings = found.json<Manifest>().warnings ?? [];
    assert.ok(
      warnings.some((text) => /"days_until_cancelled" alone tells the label/.test(text)),
      found.out,
    );
    assert.ok(warnings.some((text) => /too good to be true/.test(text)));
  });
});
