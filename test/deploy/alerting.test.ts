import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import type { Trigger } from '../../src/triggers/trigger.js';
import { startCli, startServe } from '../cli/run-cli.js';
import { call, championProject, cleanUp, QUICK, STORY, writeConfig } from '../jobs/project.js';
import { startAlertmanager } from '../servers/alertmanager.js';
import { startPrometheus } from '../servers/prometheus.js';
import { until } from '../until.js';
import { RULES_FOLDER } from './rules.js';

after(cleanUp);

/** With so few users a new model is taken when it is not worse. */
const CONFIG = {
  ...QUICK,
  gate: { minimum_per_class: 20, minimum_gain: -0.05 },
  training: { trainer: 'linear' },
  serve: { reload_seconds: 0.2 },
};

const PATIENCE = { seconds: 120, pause: 250 };

/** Our rules, routes, server and scheduler, with a real Prometheus and a real Alertmanager between them; only waiting times are shorter. */
test('drift is measured, the alert fires, the hook retrains, the model is swapped while it serves, the alert ends', async (t) => {
  const { root, registry, history } = await championProject({ config: CONFIG, at: STORY.noticed });
  const token = (await readFile('deploy/alertmanager/token.example', 'utf8')).trim();
  const sha256 = createHash('sha256').update(token).digest('hex');
  const lines = { drift: 'off', score: 'off', retrain: 'off', poll_seconds: 0.5 };
  await writeConfig(root, {
    ...CONFIG,
    schedule: lines,
    serve: { keys: [{ name: 'alertmanager', sha256, scopes: ['webhook'] }] },
  });
  const { version: before } = await registry.find('champion');
  assert.equal((await call(root, ['drift', '--at', STORY.quiet])).code, 0);

  const server = await startServe(root);
  t.after(server.stop);
  const { url } = server;
  const scheduler = startCli(root, ['schedule']);
  t.after(async () => {
    scheduler.process.kill();
    await scheduler.ended;
  });
  const routes = (await readFile('deploy/alertmanager/alertmanager.yml', 'utf8'))
    .replace('http://churn-api.churn-mlops.svc:8000', url)
    .replace(
      '/etc/alertmanager/secrets/churn-alertmanager/token',
      resolve('deploy/alertmanager/token.example'),
    )
    .replace('group_wait: 30s', 'group_wait: 0s');
  const alertmanager = await startAlertmanager(routes);
  t.after(alertmanager.stop);
  const prometheus = await startPrometheus(
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [resolve(RULES_FOLDER, '*.yaml')],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
      scrape_configs: [
        {
          job_name: 'churn-api',
          static_configs: [{ targets: [new URL(url).host], labels: { namespace: 'churn-mlops' } }],
        },
      ],
    }),
  );
  t.after(prometheus.stop);
  const drifting = async () => (await prometheus.query('ALERTS{alertname="DataDriftDetected"}')).length > 0;
  const answering = async () =>
    ((await (await fetch(`${url}/ready`)).json()) as { model: string | null }).model;

  await until(
    'the quiet check is scraped',
    async () => (await prometheus.query('churn_drift_status')).length > 0,
    PATIENCE,
  );
  assert.equal(await drifting(), false);
  assert.equal(await answering(), before);
  assert.equal((await call(root, ['drift', '--at', STORY.noticed])).code, 2);
  await until('the alert is seen', drifting, PATIENCE);
  // It waits a minute, as the contract says.
  const triggers = () => history.entries<Trigger>({ kind: 'trigger' });
  await until('the hook is called', async () => (await triggers()).length > 0, PATIENCE);
  await until('another model answers', async () => (await answering()) !== before, PATIENCE);
  await until('the alert ends', async () => !(await drifting()), PATIENCE);
  const [trigger, ...others] = await triggers();
  assert.deepEqual(others, []);
  assert.deepEqual([trigger.body.source, trigger.body.caller], ['alertmanager', 'alertmanager']);
  const run = await history.run(trigger.settled?.run ?? '');
  assert.deepEqual([run.command, run.result.verdict], ['retrain', 'promoted']);
});
