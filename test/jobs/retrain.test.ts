import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { decideRetrain } from '../../src/jobs/decide.js';
import { checkDrift } from '../../src/jobs/drift.js';
import { type RetrainResult, retrain } from '../../src/jobs/retrain.js';
import type { Project } from '../../src/open.js';
import type { Decision } from '../../src/policy/decide.js';
import { addDays } from '../../src/time.js';
import { triggerEntry } from '../../src/triggers/trigger.js';
import { call, championProject, cleanUp, copyOf, preparedProject, QUICK, STORY } from './project.js';

/** Only drift may call for a retrain. */
const DRIFT_ONLY = {
  ...QUICK,
  training: { trainer: 'linear' },
  policy: { schedule: { enabled: false }, new_data: { enabled: false }, performance: { enabled: false } },
};

describe('decide and retrain', () => {
  let project: Project;

  before(async () => {
    project = await championProject({ config: DRIFT_ONLY });
  });
  after(cleanUp);

  it('decide waits (0) while nothing is wrong and says retrain (2) after drift, every rule with its reason', async () => {
    const on = await copyOf(project);
    await checkDrift(on, { at: STORY.quiet, refresh: false });
    const quiet = await call(on.root, ['decide', '--at', STORY.quiet, '--json']);
    assert.equal(quiet.code, 0);
    assert.equal(quiet.json<Decision>().decision, 'wait');
    await checkDrift(on, { at: STORY.noticed, refresh: false });
    const found = await call(on.root, ['decide', '--at', STORY.noticed, '--json']);
    assert.equal(found.code, 2);
    const decision = found.json<Decision>();
    assert.equal(decision.decision, 'retrain');
    assert.equal(decision.at, STORY.noticed);
    for (const finding of decision.findings) {
      assert.deepEqual(Object.keys(finding).sort(), [
        'because',
        'rule',
        'says',
        'since',
        'threshold',
        'value',
      ]);
      assert.ok(finding.because.length > 10);
    }
    const drift = decision.findings.find(({ rule }) => rule === 'drift');
    assert.deepEqual([drift?.says, drift?.since, drift?.threshold], ['firing', STORY.noticed, 0.25]);
    const [kept] = await on.history.reports<Decision>({ kind: 'decision', limit: 1 });
    assert.deepEqual(kept.body.findings, decision.findings);
    assert.equal(
      (await call(on.root, ['decide', '--at', STORY.quiet])).code,
      0,
      'later evidence does not count',
    );
  });

  it('retrain --if-needed waits while nothing is wrong', async () => {
    const on = await copyOf(project);
    const result = await retrain(on, { at: STORY.quiet, ifNeeded: true, refresh: false });
    assert.deepEqual([result.decision, result.version, result.verdict], ['wait', null, 'none']);
    assert.deepEqual(
      result.not_checked.map(({ check }) => check),
      ['evaluate'],
    );
    assert.match(result.not_checked[0].because, /predictions in .* got none/);
    assert.equal((await on.registry.list()).length, 1);
  });

  it('a retrain answers every open trigger, also by waiting; one that fails leaves them open', async () => {
    const on = await copyOf(project);
    const body = { source: 'api', reason: null, caller: null } as const;
    await on.history.post(['a', 'b'].map((key) => triggerEntry(key, body, on.clock())));
    const settled = async () =>
      (await on.history.entries({ kind: 'trigger' })).map((entry) => entry.settled?.run ?? null);
    await assert.rejects(retrain(on, { at: '2024-01-01', ifNeeded: true, refresh: false }));
    assert.deepEqual(await settled(), [null, null]);
    const result = await retrain(on, { at: STORY.quiet, ifNeeded: true, refresh: false });
    assert.deepEqual([result.decision, result.triggers], ['wait', ['api:a', 'api:b']]);
    const [run] = await on.history.runs({ command: 'retrain', limit: 1 });
    assert.deepEqual(await settled(), [run.id, run.id]);
  });

  it('retrain --if-needed acts after drift; what it did hangs under its run; then it rests', async () => {
    const on = await copyOf(project);
    const found = await call(on.root, ['retrain', '--if-needed', '--at', STORY.noticed, '--json']);
    assert.equal(found.code, 0, found.err);
    const result = found.json<RetrainResult>();
    assert.equal(result.decision, 'retrain');
    assert.match(result.because, /drift \(firing\)/);
    assert.ok(['promoted', 'held', 'rejected'].includes(result.verdict));
    assert.ok(result.checks.length > 0);
    const [run] = await on.history.runs({ command: 'retrain', limit: 1 });
    const parts = (await on.history.runs({ parent: run.id })).map(({ command }) => command).reverse();
    assert.deepEqual(parts, ['drift', 'evaluate', 'decide', 'training-set', 'train', 'promote']);
    const trained = await on.registry.find(result.version as string);
    assert.equal(trained.at, STORY.noticed);
    assert.equal(trained.parent, (await project.registry.list())[0].version);
    const next = await retrain(on, { at: addDays(STORY.noticed, 3), ifNeeded: true, refresh: false });
    assert.equal(next.decision, 'wait');
    assert.match(next.because, /cooldown|drift/);
  });

  it('retrain without --if-needed trains whatever the rules say', async () => {
    const on = await copyOf(project);
    const result = await retrain(on, { at: STORY.quiet, ifNeeded: false, refresh: true });
    assert.deepEqual([result.decision, result.because], ['retrain', 'asked for by hand']);
  });

  it('without a champion the first version is trained and promoted', async () => {
    const on = await preparedProject({ config: DRIFT_ONLY });
    const result = await retrain(on, { at: STORY.trained, ifNeeded: true, refresh: false });
    assert.equal(result.verdict, 'promoted');
    assert.match(result.because, /no_champion \(firing\)/);
    assert.deepEqual(
      result.not_checked.map(({ check }) => check),
      ['drift', 'evaluate'],
    );
    assert.equal(await on.history.alias('champion'), result.version);
  });

  it('with one class it ends with 3 and says what is missing; the champion stays', async () => {
    const on = await copyOf(project);
    const engine = await on.engine();
    const path = on.layout.labelsDaily;
    await engine.write(
      sql`SELECT * REPLACE (CAST(0 AS INTEGER) AS churn_label) FROM ${readTable(engine, path)}`,
      path,
      'parquet',
    );
    const before = await on.history.alias('champion');
    const found = await call(on.root, ['retrain', '--at', STORY.noticed, '--json']);
    assert.equal(found.code, 3);
    assert.match(
      found.err,
      /users who churned and users who stayed in the training days; got \d+ rows, nobody churned/,
    );
    assert.equal(found.err.trim().split('\n').length, 1);
    assert.equal(await on.history.alias('champion'), before);
    const [run] = await on.history.runs({ command: 'retrain', limit: 1 });
    assert.deepEqual([run.status, run.exit_code, run.error?.code], ['insufficient', 3, 'data.insufficient']);
  });

  it('decides the same again for a day of the past', async () => {
    const on = await copyOf(project);
    await checkDrift(on, { at: STORY.noticed, refresh: false });
    const first = await decideRetrain(on, { at: STORY.noticed });
    await checkDrift(on, { at: STORY.last, refresh: false });
    const second = await decideRetrain(on, { at: STORY.noticed });
    assert.deepEqual(second.findings, first.findings);
  });
});
