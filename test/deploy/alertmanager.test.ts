import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { requireAlertmanager, startAlertmanager } from '../servers/alertmanager.js';
import { alertmanagerFile } from './generated.js';
import { alerts } from './rules.js';

const FILE = 'deploy/alertmanager/alertmanager.yml';
const amtool = (...args: string[]) => promisify(execFile)('amtool', args);

before(requireAlertmanager);

test('amtool accepts the configuration', async () => {
  await amtool('check-config', FILE);
});

test('every alert reaches the receivers that it is for', async () => {
  for (const { alert, labels } of alerts()) {
    const given = Object.entries({ alertname: alert, namespace: 'churn-mlops', ...labels });
    const { stdout } = await amtool(
      ...['config', 'routes', 'test', `--config.file=${FILE}`],
      ...given.map(([name, value]) => `${name}=${value}`),
    );
    const expected =
      alert === 'ChurnDeadMansSwitch'
        ? 'dead-man'
        : labels?.action === 'retrain'
          ? 'retrain,people'
          : 'people';
    assert.equal(stdout.trim(), expected, alert);
  }
  assert.deepEqual(
    alerts().flatMap(({ alert, labels }) => (labels?.action === 'retrain' ? [alert] : [])),
    ['DataDriftDetected', 'ChurnPerformanceDegraded'],
  );
});

test("another namespace's drift does not retrain our model", async () => {
  const args = ['config', 'routes', 'test', `--config.file=${FILE}`, 'action=retrain', 'namespace=other'];
  assert.equal((await amtool(...args)).stdout.trim(), 'people');
});

test('inhibitions name alerts that exist', () => {
  const names = alerts().map(({ alert }) => alert);
  for (const { source_matchers, target_matchers } of alertmanagerFile().inhibit_rules) {
    for (const matcher of [...source_matchers, ...target_matchers]) {
      const [, pattern] = /"(.+)"/.exec(matcher) ?? [];
      for (const part of pattern.split('|')) {
        assert.ok(
          names.some((name) => new RegExp(`^(${part})$`).test(name)),
          part,
        );
      }
    }
  }
});

test('a real Alertmanager calls POST /hooks/alertmanager with the token of its file', async (t) => {
  const calls: { url?: string; authorization?: string; body: Record<string, unknown> }[] = [];
  const hook = createServer(async (request, response) => {
    const { url, headers } = request;
    calls.push({ url, authorization: headers.authorization, body: await bodyOf(request) });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'churn-token-'));
  await writeFile(join(folder, 'token'), 'a-long-random-text');
  const { port } = hook.address() as AddressInfo;
  const ours = await readFile(FILE, 'utf8');
  const here = ours
    .replace('http://churn-api.churn-mlops.svc:8000', `http://127.0.0.1:${port}`)
    .replace('/etc/alertmanager/secrets/churn-alertmanager', folder)
    .replace('group_wait: 30s', 'group_wait: 0s');
  const alertmanager = await startAlertmanager(here);
  t.after(async () => {
    await alertmanager.stop();
    await new Promise((resolve) => hook.close(resolve));
    await rm(folder, { recursive: true });
  });
  const labels = {
    alertname: 'DataDriftDetected',
    namespace: 'churn-mlops',
    severity: 'warning',
    action: 'retrain',
  };
  const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ labels }, { labels: { ...labels, alertname: 'HighLatency', action: '' } }]),
  });
  assert.equal(posted.status, 200);
  const ends = Date.now() + 20_000;
  while (calls.length === 0 && Date.now() < ends) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(calls.length, 1);
  const [{ url, authorization, body }] = calls;
  assert.equal(url, '/hooks/alertmanager');
  assert.equal(authorization, 'Bearer a-long-random-text');
  assert.equal(body.status, 'firing');
  assert.equal(body.version, '4');
  assert.deepEqual(body.commonLabels, labels);
});

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
  }
  return JSON.parse(text) as Record<string, unknown>;
}
