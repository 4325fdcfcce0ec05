import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RetrainResult } from '../../src/jobs/retrain.js';
import type { Project } from '../../src/open.js';
import { call, championProject, cleanUp, copyOf, QUICK, readReport, STORY } from '../jobs/project.js';
import { until } from '../until.js';
import { type Running, runCli, startCli } from './run-cli.js';

/** A training that nobody waits for. */
const ENDLESS = { ...QUICK, training: { rounds: 100_000, early_stopping_rounds: 100_000 } };

const TEMPORARY = /\.tmp-\d+-|^duckdb_temp/;

async function temporaryFiles(project: Project): Promise<string[]> {
  const names = await readdir(project.root, { recursive: true });
  return names.filter((name) => TEMPORARY.test(name.split('/').at(-1) as string));
}

describe('processes', () => {
  let project: Project;

  before(async () => {
    project = await championProject();
  });
  after(cleanUp);

  async function startTraining(on: Project): Promise<Running> {
    const running = startCli(on.root, ['train', '--at', STORY.trained]);
    await until(
      'a training',
      async () => {
        const [run] = await on.history.runs({ command: 'train', limit: 1 });
        return run.status === 'running' && run.alive === true;
      },
      { seconds: 20 },
    );
    await sleep(700);
    return running;
  }

  it('Ctrl-C stops a training at once, with one clear line and a finished record', async () => {
    const on = await copyOf(project, ENDLESS);
    const training = await startTraining(on);
    const asked = performance.now();
    training.process.kill('SIGINT');
    const { code, out, err } = await training.ended;
    assert.ok(performance.now() - asked < 5000, `${performance.now() - asked} ms`);
    assert.deepEqual([code, out], [1, '']);
    assert.match(
      err,
      /^churn-mlops: expected .*; got a (cancellation \(Ctrl-C\)|request to stop).* \[work\.cancelled\]\n$/,
    );
    const [run] = await on.history.runs({ command: 'train', limit: 1 });
    assert.deepEqual([run.status, run.exit_code, run.error?.code], ['failed', 1, 'work.cancelled']);
    assert.deepEqual(await temporaryFiles(on), []);
  });

  it('a killed training leaves the champion, shows as killed, and the next one completes', async () => {
    const on = await copyOf(project, ENDLESS);
    const production = await readFile(on.layout.metrics('production_latest.json'), 'utf8');
    const training = await startTraining(on);
    training.process.kill('SIGKILL');
    await training.ended;
    const [run] = await on.history.runs({ command: 'train', limit: 1 });
    assert.deepEqual([run.status, run.alive], ['running', false]);
    assert.match((await call(on.root, ['history', '--limit', '1'])).out, /killed/);
    assert.equal((await on.registry.list()).length, 1);
    assert.equal(await readFile(on.layout.metrics('production_latest.json'), 'utf8'), production);
    const again = await copyOf(on, QUICK);
    assert.equal((await runCli(again.root, ['train', '--at', STORY.trained])).code, 0);
    assert.equal((await again.registry.list()).length, 2);
  });

  it('a `run` killed while it writes leaves the old table; the next one completes and sweeps up', async () => {
    const on = await copyOf(project);
    const before = await readFile(on.layout.userFeaturesDaily);
    const running = startCli(on.root, ['run', '--from', 'features', '--force', '--at', STORY.trained]);
    await until(
      'a half written table',
      async () => (await temporaryFiles(on)).some((name) => name.includes('user_features_daily')),
      { seconds: 20, pause: 5 },
    );
    running.process.kill('SIGKILL');
    await running.ended;
    assert.ok((await temporaryFiles(on)).length > 0, 'killed too late to leave anything');
    assert.deepEqual(await readFile(on.layout.userFeaturesDaily), before);
    const again = await runCli(on.root, ['run', '--force', '--at', STORY.trained]);
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(await temporaryFiles(on), []);
    assert.deepEqual(await readFile(on.layout.userFeaturesDaily), before);
  });

  it('of two retrains at once the second waits, then sees what the first has done', async () => {
    const on = await copyOf(project, { ...QUICK, training: { trainer: 'linear' } });
    const both = await Promise.all(
      [0, 1].map(() => runCli(on.root, ['retrain', '--if-needed', '--at', STORY.noticed, '--json'])),
    );
    const results = both.map(({ code, out, err }) => {
      assert.equal(code, 0, err);
      return JSON.parse(out) as RetrainResult;
    });
    assert.deepEqual(results.map(({ decision }) => decision).toSorted(), ['retrain', 'wait']);
    const waiting = results.findIndex(({ decision }) => decision === 'wait');
    assert.match(
      both[waiting].err,
      /^waiting for (`retrain` \(process \d+ on \S+, since .*\)|another job) to finish \.\.\.\n$/,
    );
    const runs = await on.history.runs();
    assert.ok(runs.every(({ status }) => status !== 'running'));
    assert.equal((await on.registry.list()).length, 2);
    const champion = await on.history.alias('champion');
    assert.equal((await readReport(on, 'production_latest.json')).version, champion);
    assert.deepEqual(await temporaryFiles(on), []);
  });
});
