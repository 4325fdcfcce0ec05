import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, test } from 'node:test';
import { ChurnError } from '../../src/error.js';
import { accessOf } from '../../src/serve/access.js';
import { buildApp, buildMetricsApp } from '../../src/serve/app.js';
import { type LogLines, logLinesTo } from '../../src/serve/log-lines.js';
import type { LiveModel } from '../../src/serve/parts.js';
import { ROUTES } from '../../src/serve/routes/index.js';
import { ROW, type ServingFacts, servingOf, settingsOf, trainedModel } from './parts.js';

let model: LiveModel;
before(async () => {
  model = await trainedModel();
});

const appOf = (facts: Partial<ServingFacts> = {}, logLines: LogLines | null = null) => {
  const serving = servingOf({ model, ...facts });
  return { serving, app: buildApp(serving, { logLines }) };
};
const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const asked = { method: 'POST', url: '/predict', payload: { user_id: 1, features: ROW } } as const;

test('the probes of the contract', async () => {
  const { app, serving } = appOf();
  assert.deepEqual((await app.inject('/live')).json(), { status: 'live' });
  for (const path of ['/ready', '/health', '/ready/']) {
    const response = await app.inject(path);
    assert.equal(response.statusCode, 200);
    const { status, model: version, last_reload, prediction_log } = response.json();
    assert.deepEqual([status, version, last_reload], ['ready', '20260131-test', null]);
    assert.deepEqual(prediction_log, { buffered: 0, written: 0, dropped: 0, failing: null });
  }
  serving.life.draining = true;
  const draining = await app.inject('/ready');
  assert.equal(draining.statusCode, 503);
  assert.equal(draining.json().status, 'draining');
  assert.equal(draining.headers.connection, 'close');
  assert.equal((await app.inject('/live')).statusCode, 200);
  assert.equal((await app.inject(asked)).statusCode, 200);
});

test('without a model: alive, not ready, predictions are refused with a reason and Retry-After', async () => {
  const { app, serving } = appOf({ model: null });
  assert.equal((await app.inject('/live')).statusCode, 200);
  const ready = await app.inject('/ready');
  assert.equal(ready.statusCode, 503);
  assert.equal(ready.json().because, 'no champion has been loaded yet');
  const refused = await app.inject(asked);
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.json().code, 'registry.champion_missing');
  assert.equal(refused.headers['retry-after'], '5');
  assert.match(await serving.scrape(), /churn_api_requests_rejected_total\{reason="no_model"\} 1\n/);
  serving.holder.set(model);
  assert.equal((await app.inject(asked)).statusCode, 200);
});

test('a failed reload and a failing log show in /ready, which stays ready', async () => {
  const { app, serving } = appOf();
  serving.holder.next = { outcome: 'failed', error: 'the file was changed' };
  const reload = await app.inject({ method: 'POST', url: '/admin/reload' });
  assert.equal(reload.statusCode, 503);
  assert.equal(reload.json().error, 'the file was changed');
  serving.log.failing = 'the disk is full';
  const ready = await app.inject('/ready');
  assert.equal(ready.statusCode, 200);
  assert.equal(ready.json().last_reload.outcome, 'failed');
  assert.equal(ready.json().prediction_log.failing, 'the disk is full');
  const text = await serving.scrape();
  assert.match(text, /churn_model_reloads_total\{outcome="failed"\} 1\n/);
  assert.match(text, /churn_model_last_reload_success 0\n/);
  assert.match(text, /churn_prediction_log_failing 1\n/);
});

test('reload and drift', async () => {
  const { app, serving } = appOf();
  serving.holder.next = { outcome: 'swapped', version: 'new' };
  assert.deepEqual((await app.inject({ method: 'POST', url: '/admin/reload' })).json(), {
    at: '2026-02-01T00:00:00.000Z',
    outcome: 'swapped',
    version: 'new',
    error: null,
  });
  const early = await app.inject('/drift');
  assert.equal(early.statusCode, 409);
  assert.equal(early.json().code, 'data.insufficient');
  const report = { status: 'WARN', overall_max_psi: 0.2, psi_by_feature: { plan: 0.2, is_paid: null } };
  serving.drift.answer = { version: 'v', rows: 500, report: report as never };
  assert.deepEqual((await app.inject('/drift')).json(), { version: 'v', rows: 500, report });
  const text = await serving.scrape();
  assert.match(text, /churn_live_drift_psi\{feature="plan"\} 0.2\n/);
  assert.match(text, /churn_live_drift_status\{status="WARN"\} 1\n/);
  assert.match(text, /churn_live_drift_rows 500\n/);
  assert.doesNotMatch(text, /churn_live_drift_psi\{feature="is_paid"/);
});

test('a retrain is asked for once, however often its key is sent', async () => {
  const { app } = appOf();
  const ask = (payload?: object, key?: string) =>
    app.inject({
      method: 'POST',
      url: '/admin/retrain',
      ...(payload && { payload }),
      ...(key && { headers: { 'idempotency-key': key } }),
    });
  const first = await ask({ reason: 'campaign' }, 'k1');
  assert.deepEqual([first.statusCode, first.json()], [202, { key: 'api:k1', outcome: 'added' }]);
  assert.deepEqual((await ask({ reason: 'campaign' }, 'k1')).json(), { key: 'api:k1', outcome: 'known' });
  const other = await ask({ reason: 'another' }, 'k1');
  assert.deepEqual([other.statusCode, other.json().code], [409, 'http.conflict']);
  assert.equal((await ask()).json().outcome, 'added');
  assert.equal((await ask()).json().outcome, 'added', 'without a key each is a new one');
  assert.equal((await ask({ reason: 1 })).statusCode, 400);
  assert.equal((await ask({ raeson: 'x' })).statusCode, 400);
  assert.equal((await ask({}, 'two words')).statusCode, 400);
});

const ALERTS = {
  receiver: 'retrain',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'DataDriftDetected', action: 'retrain' },
      annotations: {},
      startsAt: '2026-11-23T05:51:27.632Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: '15ecfd668b009a23',
    },
  ],
  groupLabels: {},
  version: '4',
  groupKey: '{}/{action="retrain"}:{alertname="DataDriftDetected"}',
  truncatedAlerts: 0,
};

test('firing alerts ask for a retrain once; resolved ones do not; bad bodies are 400', async () => {
  const { app, serving } = appOf();
  const send = (payload: object) => app.inject({ method: 'POST', url: '/hooks/alertmanager', payload });
  const first = await send(ALERTS);
  assert.deepEqual([first.statusCode, first.json().outcome], [202, 'added']);
  const again = await send({ ...ALERTS, alerts: [...ALERTS.alerts, { ...ALERTS.alerts[0], labels: {} }] });
  assert.deepEqual([again.statusCode, again.json()], [202, { key: first.json().key, outcome: 'known' }]);
  const resolved = await send({ ...ALERTS, status: 'resolved' });
  assert.deepEqual([resolved.statusCode, resolved.json()], [200, { outcome: 'ignored' }]);
  const { told } = serving.spool as unknown as { told: { body: object }[] };
  assert.equal(told.length, 1);
  assert.deepEqual(told[0].body, {
    source: 'alertmanager',
    reason: 'DataDriftDetected since 2026-11-23T05:51:27.632Z',
    caller: null,
  });
  const [alert] = ALERTS.alerts;
  const bad = [
    {},
    [],
    { ...ALERTS, version: '3' },
    { ...ALERTS, status: 'odd' },
    { ...ALERTS, groupKey: 7 },
    { ...ALERTS, alerts: [{ ...alert, startsAt: 'yesterday' }] },
    { ...ALERTS, alerts: [{ ...alert, startsAt: '2026-13-01T00:00:00Z' }] },
    { ...ALERTS, alerts: 'many' },
  ];
  for (const body of bad) {
    const { statusCode, json } = await send(body);
    assert.deepEqual([statusCode, json().code], [400, 'http.invalid'], JSON.stringify(body));
  }
});

test("the hook takes keys of the scope webhook, or admin's; such a key may do nothing else", async () => {
  const keys = (['webhook', 'admin', 'read'] as const).map((scope) => ({
    name: scope,
    sha256: sha256(scope),
    scopes: [scope],
  }));
  const { app } = appOf({ settings: { auth: 'required', keys } });
  const send = (key: string | null, url = '/hooks/alertmanager', payload: object = ALERTS) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      ...(key && { headers: { authorization: `Bearer ${key}` } }),
    });
  assert.equal((await send(null)).statusCode, 401);
  assert.equal((await send('wrong')).statusCode, 401);
  assert.equal((await send('read')).statusCode, 403);
  assert.equal((await send('webhook')).statusCode, 202);
  assert.equal((await send('admin')).statusCode, 202);
  assert.equal((await send('webhook', '/admin/retrain', {})).statusCode, 403);
  assert.equal((await send('webhook', '/predict', asked.payload)).statusCode, 403);
});

test('unknown paths and methods are 404 problems under one label', async () => {
  const { app, serving } = appOf({
    settings: { auth: 'required', keys: [{ name: 'a', sha256: sha256('k') }] },
  });
  for (const url of ['/nothing', '/predict/../secret/42', '/users/%E0%A4%A/churn']) {
    const response = await app.inject(url);
    assert.ok([400, 404].includes(response.statusCode), url);
    assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
  }
  const text = await serving.scrape();
  assert.match(text, /churn_api_requests_total\{method="GET",path="<unmatched>",status="404"\} 2\n/);
  assert.doesNotMatch(text, /secret/);
});

test('keys: by header, with scopes; neither keys nor bodies come back or into the log', async () => {
  const lines: string[] = [];
  const keys = [
    { name: 'caller', sha256: sha256('secret-one'), scopes: ['predict' as const] },
    { name: 'dashboards', sha256: sha256('secret-two'), scopes: ['read' as const] },
    { name: 'operator', sha256: sha256('secret-three'), scopes: ['admin' as const, 'read' as const] },
  ];
  const { app, serving } = appOf(
    { settings: { host: '0.0.0.0', keys, log_level: 'debug' } },
    { write: (line) => lines.push(line), flush: () => undefined },
  );
  const status = async (request: object, headers: Record<string, string>) =>
    (await app.inject({ ...request, headers })).statusCode;
  assert.equal(await status(asked, { authorization: 'Bearer secret-one' }), 200);
  assert.equal(await status(asked, { 'x-api-key': 'secret-one' }), 200);
  assert.equal(await status(asked, { 'x-api-key': 'secret-two' }), 403);
  assert.equal(await status(asked, { authorization: 'Bearer guess' }), 401);
  assert.equal(await status(asked, { authorization: 'Basic secret-one' }), 401);
  assert.equal(await status(asked, {}), 401);
  assert.equal(await status({ url: '/drift' }, { 'x-api-key': 'secret-two' }), 409);
  assert.equal(await status({ method: 'POST', url: '/admin/reload' }, { 'x-api-key': 'secret-two' }), 403);
  assert.equal(await status({ method: 'POST', url: '/admin/reload' }, { 'x-api-key': 'secret-three' }), 200);
  for (const url of ['/live', '/ready', '/health', '/metrics']) {
    assert.equal(await status({ url }, {}), 200);
  }
  const refused = await app.inject(asked);
  assert.equal(refused.headers['www-authenticate'], 'Bearer');
  assert.equal(refused.json().code, 'http.unauthorized');
  const text = await serving.scrape();
  assert.match(text, /rejected_total\{reason="unauthorized"\} 4\n/);
  assert.match(text, /rejected_total\{reason="forbidden"\} 2\n/);
  assert.ok(lines.length > 0);
  assert.doesNotMatch(lines.join('') + text, /secret-|watch_minutes_30d.{0,4}120/);
});

test('a server that others reach does not start without keys, unless told so', () => {
  const refused = (settings: object) => assert.throws(() => accessOf(settingsOf(settings)), isConfigError);
  refused({ host: '0.0.0.0' });
  refused({ host: '10.0.0.7' });
  refused({ host: '::' });
  refused({ auth: 'required' });
  assert.equal(accessOf(settingsOf({ host: '0.0.0.0', auth: 'none' })).required, false);
  assert.equal(accessOf(settingsOf({})).required, false);
  assert.equal(accessOf(settingsOf({ host: '::1' })).required, false);
});

function isConfigError(error: unknown): boolean {
  return error instanceof ChurnError && error.code === 'config.invalid' && /serve\.keys/.test(error.message);
}

test('bodies beyond the limit are refused before they are read', async () => {
  const { app } = appOf({ settings: { limits: { body_megabytes: 0.01 } } });
  const big = await app.inject({
    ...asked,
    payload: { user_id: 1, features: { ...ROW, plan: 'x'.repeat(20_000) } },
  });
  assert.equal(big.statusCode, 413);
  assert.equal(big.json().code, 'http.too_large');
});

test('beyond the limit of requests at the same time: 503 with Retry-After, but not for probes and metrics', async () => {
  const { app, serving } = appOf({ settings: { limits: { in_flight: 2 } } });
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = { ...model, scoreMany: () => gate.then(() => new Float32Array(20)) };
  serving.holder.set(slow);
  const batch = {
    method: 'POST',
    url: '/predict/batch',
    payload: { rows: Array(20).fill({ features: ROW }) },
  } as const;
  const held = [app.inject(batch), app.inject(batch)];
  while (serving.life.replies.size < 2) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const refused = await app.inject(asked);
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.json().code, 'http.overloaded');
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await app.inject('/ready')).statusCode, 200);
  assert.match((await app.inject('/metrics')).body, /churn_api_requests_in_flight 3\n/);
  release();
  assert.deepEqual(
    (await Promise.all(held)).map(({ statusCode }) => statusCode),
    [200, 200],
  );
  assert.equal((await app.inject(asked)).statusCode, 200);
  assert.equal(serving.life.replies.size, 0);
  assert.match(await serving.scrape(), /rejected_total\{reason="overloaded"\} 1\n/);
});

test('a limit per key and minute', async () => {
  const keys = ['a', 'b'].map((name) => ({ name, sha256: sha256(name), scopes: ['predict' as const] }));
  const { app } = appOf({ settings: { auth: 'required', keys, limits: { requests_per_minute: 2 } } });
  const status = async (key: string) => {
    const response = await app.inject({ ...asked, headers: { 'x-api-key': key } });
    return response.statusCode;
  };
  assert.deepEqual(
    [await status('a'), await status('a'), await status('a'), await status('b')],
    [200, 200, 429, 200],
  );
  assert.equal((await app.inject('/ready')).statusCode, 200);
  const refused = await app.inject({ ...asked, headers: { 'x-api-key': 'a' } });
  assert.equal(refused.json().code, 'http.rate_limited');
  assert.ok(Number(refused.headers['retry-after']) > 0);
});

test('failures of ours tell nothing but that they happened; the log has the cause', async () => {
  const lines: string[] = [];
  const sink = { write: (line: string) => lines.push(line), flush: () => undefined };
  const { app, serving } = appOf({ settings: { log_level: 'error' } }, sink);
  for (const error of [
    new Error('inner secret'),
    new ChurnError('engine.failed', { expected: 'inner secret', came: 'x' }),
  ]) {
    serving.holder.set({
      ...model,
      scoreOne: () => {
        throw error;
      },
    });
    const response = await app.inject(asked);
    assert.equal(response.statusCode, 500);
    assert.doesNotMatch(response.body, /inner secret|at .*\.js/);
    assert.match(response.json().detail, /log/);
  }
  assert.equal(lines.length, 2);
  assert.match(lines[0], /inner secret/);
  assert.match(lines[0], /"request_id":"[\w-]{12}-[0-9a-z]+"/);
});

test('security headers, and request ids that are repeated only when harmless', async () => {
  const { app } = appOf();
  const { headers } = await app.inject({ ...asked, headers: { 'x-request-id': 'a b\u0001' } });
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(String(headers['x-request-id']), /^[\w-]{12}-[0-9a-z]+$/);
  assert.equal(
    (await app.inject({ ...asked, headers: { 'x-request-id': 'trace/1' } })).headers['x-request-id'],
    'trace/1',
  );
});

test('a user: scored from the newest features, 404 with a reason when unknown', async () => {
  const values = new Float32Array(model.encoding.columns.length).fill(Number.NaN);
  const users = {
    find: async (id: string) => (id === 'u 1' ? { values: values.slice(), day: '2026-01-30' } : null),
  };
  const { app, serving } = appOf({ users });
  const found = await app.inject('/users/u%201/churn?explain=2');
  assert.equal(found.statusCode, 200);
  const { explanation, ...answer } = found.json();
  assert.deepEqual(answer, {
    user_id: 'u 1',
    churn_risk: Math.fround(model.scoreOne(values)),
    model_version: '20260131-test',
    snapshot_date: '2026-01-30',
  });
  assert.equal(explanation.length, 2);
  const unknown = await app.inject('/users/nobody/churn');
  assert.equal(unknown.statusCode, 404);
  assert.match(unknown.json().detail, /user "nobody"/);
  assert.equal((await app.inject('/users/u/churn?explain=maybe')).statusCode, 400);
  const text = await serving.scrape();
  assert.match(text, /requests_total\{method="GET",path="\/users\/:id\/churn",status="200"\} 1\n/);
  assert.match(text, /churn_feature_nulls_total\{feature="plan"\} 1\n/);
  assert.equal(serving.log.entries[0].userId, 'u 1');
});

test('metrics on a port of their own are not on the main one', async () => {
  const { app, serving } = appOf({ settings: { metrics_port: 9000 } });
  assert.equal((await app.inject('/metrics')).statusCode, 404);
  const scraped = await buildMetricsApp(serving).inject('/metrics');
  assert.equal(scraped.statusCode, 200);
  assert.equal(scraped.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(scraped.body, /churn_api_requests_total/);
});

test('routes may be left out or added: they are a list', async () => {
  const app = buildApp(servingOf({ model }), {
    logLines: null,
    routes: [
      ...ROUTES,
      (scope) => void scope.get('/more', { config: { scope: 'none' } }, async () => 'more'),
    ],
  });
  assert.equal((await app.inject('/more')).body, 'more');
});

test('log lines are gathered and nothing is lost', async () => {
  const written: string[] = [];
  const lines = logLinesTo({ write: (text: string) => written.push(text) } as never);
  lines.write('a\n');
  lines.write('b\n');
  assert.deepEqual(written, []);
  lines.flush();
  assert.deepEqual(written, ['a\nb\n']);
  lines.write('x'.repeat(5000));
  assert.equal(written.length, 2);
});
