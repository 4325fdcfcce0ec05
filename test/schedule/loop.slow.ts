import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../src/history/history.js';
import type { Project } from '../../src/open.js';
import { ask, type Running, type ServeRunning, startCli, startServe } from '../cli/run-cli.js';
import { championProject, cleanUp, QUICK } from '../jobs/project.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';
import { until } from '../until.js';

const CLIENTS = 5;
const CALLS = 10;

/** The policy decides by drift alone; whatever is trained then is promoted, so that a swap can be seen. */
const CONFIG = {
  ...QUICK,
  training: { trainer: 'linear' },
  policy: { schedule: { enabled: false }, new_data: { enabled: false }, performance: { enabled: false } },
  gate: { minimum_gain: -1, minimum_per_class: 1 },
  schedule: { drift: 'off', score: 'off', retrain: 'off', poll_seconds: 0.2 },
  serve: { reload_seconds: 0.5, drain_seconds: 0 },
};

const ALERTS = {
  version: '4',
  groupKey: '{}/{action="retrain"}:{alertname="DataDriftDetected"}',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      startsAt: '2025-11-26T05:51:27.632Z',
      labels: { alertname: 'DataDriftDetected' },
    },
  ],
};

let postgres: PostgresServer;
let project: Project;
const servers: ServeRunning[] = [];
const schedulers: Running[] = [];

before(async () => {
  postgres = await startPostgres();
  const history = { url: await postgres.newDatabase(), lease_seconds: 3 };
  project = await championProject({ config: { ...CONFIG, history } });
});
after(async () => {
  const all = [...schedulers, ...servers];
  all.forEach((one) => one.process.kill('SIGTERM'));
  await Promise.all(all.map(({ ended }) => ended));
  await cleanUp();
  await postgres.remove();
});

const retrains = () => project.history.runs({ command: 'retrain' });
const modelOf = async ({ url }: ServeRunning) => JSON.parse((await ask(`${url}/ready`)).text).model as string;

it('fifty calls for one alert, and a scheduler killed at work: one retrain, and servers with the new model', async () => {
  const { history } = project;
  const old = await history.alias('champion');
  for (let i = 0; i < 2; i++) {
    servers.push(await startServe(project.root));
    schedulers.push(startCli(project.root, ['schedule']));
  }
  for (const server of servers) {
    await until('the old model', async () => (await modelOf(server)) === old, { seconds: 30 });
  }
  const outcomes = await Promise.all(
    Array.from({ length: CLIENTS * CALLS }, async (_, i) => {
      const { status, text } = await ask(`${servers[i % 2].url}/hooks/alertmanager`, ALERTS);
      assert.equal(status, 202, text);
      return JSON.parse(text).outcome as string;
    }),
  );
  assert.deepEqual(outcomes.toSorted(), ['added', ...outcomes.slice(1).map(() => 'known')]);

  const working = await until('a retrain at work', async () => (await retrains())[0] ?? null, {
    seconds: 60,
  });
  const by = await history.run(working.parent ?? '');
  const killed = schedulers.find((scheduler) => scheduler.process.pid === by.process.id);
  assert.ok(killed, 'the retrain hangs under the run of a scheduler');
  killed.process.kill('SIGKILL');
  await killed.ended;

  const [trigger] = await until(
    'the trigger dealt with',
    async () => {
      const entries = await history.entries({ kind: 'trigger' });
      return entries.every(({ settled }) => settled !== null) && entries;
    },
    { seconds: 180 },
  );
  const settledBy = await until('the retrain on record', async () => {
    const run: Run = await history.run(trigger.settled?.run ?? '');
    return run.status !== 'running' && run;
  });
  assert.equal((await history.entries({ kind: 'trigger' })).length, 1);
  assert.deepEqual([settledBy.command, settledBy.status], ['retrain', 'ok']);
  assert.deepEqual(settledBy.result.triggers, [trigger.key]);
  assert.equal(settledBy.result.decision, 'retrain');
  assert.equal(settledBy.result.verdict, 'promoted', JSON.stringify(settledBy.result));
  const all = await retrains();
  assert.deepEqual(
    all.filter(({ status }) => status === 'ok').map(({ id }) => id),
    [settledBy.id],
    'exactly one went through',
  );
  assert.notEqual(working.id, settledBy.id, 'the kill came in the middle');
  const [cut] = all.filter(({ id }) => id === working.id);
  assert.ok(cut.status === 'failed' || cut.alive === false, JSON.stringify(cut));

  const now = await history.alias('champion');
  assert.notEqual(now, old);
  for (const server of servers) {
    await until('the new model in a running server', async () => (await modelOf(server)) === now, {
      seconds: 20,
    });
    assert.equal(server.process.exitCode, null);
  }
  // Alertmanager repeats itself: nothing more happens.
  await ask(`${servers[0].url}/hooks/alertmanager`, ALERTS);
  await sleep(1500);
  assert.equal((await retrains()).length, all.length);
});
