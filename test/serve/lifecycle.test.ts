import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ChurnError } from '../../src/error.js';
import { listen } from '../../src/serve/listen.js';
import type { LiveModel } from '../../src/serve/parts.js';
import { ROW, servingOf, trainedModel } from './parts.js';

let model: LiveModel;
before(async () => {
  model = await trainedModel();
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function ask(url: string, agent: Agent, payload?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: payload ? 'POST' : 'GET' }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => {
        body += piece;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    const text = JSON.stringify(payload ?? null);
    if (payload) {
      sent.setHeader('content-type', 'application/json');
      sent.setHeader('content-length', Buffer.byteLength(text));
    }
    sent.end(payload && text);
  });
}

const settings = { port: 0, drain_seconds: 0, stop_seconds: 10 };

test('1,000 requests in flight when the end is asked for: all are answered, and the process is free at once', async () => {
  const serving = servingOf({ model, settings });
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  serving.holder.set({
    ...model,
    scoreMany: (values, rows) => gate.then(() => model.scoreMany(values, rows)),
  });
  const server = await listen(serving, { logLines: null, tls: null });
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  const rows = Array(20).fill({ features: ROW });
  const answers = Array.from({ length: 1000 }, () => ask(`${server.url}/predict/batch`, agent, { rows }));
  while (serving.life.replies.size < 1000) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const stopped = server.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await assert.rejects(ask(`${server.url}/live`, new Agent()), /ECONNREFUSED/);
  const released = performance.now();
  release();
  for (const { status, headers, body } of await Promise.all(answers)) {
    assert.equal(status, 200);
    assert.equal(headers.connection, 'close');
    assert.equal(JSON.parse(body).churn_risk.length, 20);
  }
  assert.equal(await stopped, true);
  assert.ok(performance.now() - released < 5000, 'no connection was waited for');
  assert.equal(serving.log.closed, true);
  assert.equal(serving.log.entries.length, 20_000);
  agent.destroy();
});

test('while draining: not ready at once, requests are still accepted, connections are closed', async () => {
  const serving = servingOf({ model, settings: { ...settings, drain_seconds: 0.5 } });
  const server = await listen(serving, { logLines: null, tls: null });
  const agent = new Agent({ keepAlive: true });
  const before = await ask(`${server.url}/ready`, agent);
  assert.equal(before.status, 200);
  assert.notEqual(before.headers.connection, 'close');
  const stopped = server.stop();
  const ready = await ask(`${server.url}/ready`, agent);
  assert.equal(ready.status, 503);
  assert.equal(ready.headers.connection, 'close');
  const answer = await ask(`${server.url}/predict`, agent, { user_id: 1, features: ROW });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, 'close');
  assert.equal(await stopped, true);
  agent.destroy();
});

test('a request that does not end in time does not hold the process', async () => {
  const serving = servingOf({ model, settings: { ...settings, stop_seconds: 0.3 } });
  serving.holder.set({ ...model, scoreMany: () => new Promise(() => undefined) });
  const server = await listen(serving, { logLines: null, tls: null });
  const lost = ask(`${server.url}/predict/batch`, new Agent(), { rows: Array(20).fill({ features: ROW }) });
  const outcome = lost.then(
    () => 'answered',
    () => 'lost',
  );
  while (serving.life.replies.size < 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await server.stop(), false);
  assert.equal(await outcome, 'lost');
});

test('a caller who goes away is counted and leaves nothing in flight', async () => {
  const serving = servingOf({ model, settings });
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  serving.holder.set({
    ...model,
    scoreMany: (values, rows) => gate.then(() => model.scoreMany(values, rows)),
  });
  const server = await listen(serving, { logLines: null, tls: null });
  const sent = request(`${server.url}/predict/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  sent.on('error', () => undefined);
  sent.end(JSON.stringify({ rows: Array(20).fill({ features: ROW }) }));
  while (serving.life.replies.size < 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  sent.destroy();
  while (serving.life.replies.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  release();
  assert.match(
    await serving.scrape(),
    /requests_total\{method="POST",path="\/predict\/batch",status="499"\} 1\n/,
  );
  await server.stop();
});

test('a port that is taken is a clear error', async () => {
  const first = await listen(servingOf({ model, settings }), { logLines: null, tls: null });
  const port = Number(new URL(first.url).port);
  await assert.rejects(
    listen(servingOf({ model, settings: { ...settings, port } }), { logLines: null, tls: null }),
    (error) =>
      error instanceof ChurnError && error.code === 'io.failed' && /another program/.test(error.message),
  );
  await first.stop();
});

test('TLS by files, and metrics on a port of their own', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'churn-tls-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await assert.rejects(
    listen(servingOf({ model, settings }), { logLines: null, tls }),
    (error) => error instanceof ChurnError && error.code === 'input.missing',
  );
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes', '-newkey', 'rsa:2048'];
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', tls.key, '-out', tls.cert], {
    stdio: 'ignore',
  });
  const serving = servingOf({ model, settings: { ...settings, metrics_port: 0 } });
  const server = await listen(serving, { logLines: null, tls });
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const status = await new Promise((resolve, reject) => {
    httpsRequest(`${server.url}/live`, { rejectUnauthorized: false, agent: false }, (response) =>
      resolve(response.resume().statusCode),
    )
      .on('error', reject)
      .end();
  });
  assert.equal(status, 200);
  const metrics = await ask(`${server.metricsUrl}/metrics`, new Agent());
  assert.match(metrics.body, /path="\/live",status="200"\} 1\n/);
  await server.stop();
});
