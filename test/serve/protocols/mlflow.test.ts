import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { LiveModel } from '../../../src/serve/parts.js';
import { FEATURES, ROW, type ServingFacts, trainedModel } from '../parts.js';
import { appOf as appWith } from './app.js';

let model: LiveModel;
before(async () => {
  model = await trainedModel();
});

const appOf = (facts: Partial<ServingFacts> = {}) => appWith({ model, ...facts });
type App = ReturnType<typeof appOf>['app'];
type Row = Record<string, unknown>;

const NAMES = FEATURES.map(({ name }) => name);
const SECOND: Row = { active_days_7d: 0, watch_minutes_30d: null, is_paid: 0, plan: null, country: 'FR' };
const ROWS: Row[] = [ROW, SECOND];
const LISTS = ROWS.map((row) => NAMES.map((name) => row[name]));

const invoke = (app: App, payload: unknown, type = 'application/json', url = '/invocations') =>
  app.inject({
    method: 'POST',
    url,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': type },
  });

async function expectedOf(app: App): Promise<number[]> {
  const rows = ROWS.map((features) => ({ features }));
  return (await app.inject({ method: 'POST', url: '/predict/batch', payload: { rows } })).json().churn_risk;
}

test('ping and version', async () => {
  const { app, serving } = appOf();
  const ping = await app.inject('/ping');
  assert.deepEqual([ping.statusCode, ping.body], [200, '\n']);
  assert.match((await app.inject('/version')).body, /^\d+\.\d+\.\d+/);
  assert.match((await app.inject('/health')).body, /"status":"ready"/);
  serving.holder.set(null);
  assert.equal((await app.inject('/ping')).statusCode, 404);
  const refused = await invoke(app, { instances: [] });
  assert.deepEqual([refused.statusCode, refused.json().error_code], [503, 'TEMPORARILY_UNAVAILABLE']);
});

test('every form of rows gives the same risks', async () => {
  const { app } = appOf();
  const predictions = await expectedOf(app);
  assert.equal(predictions.length, 2);
  const columns = Object.fromEntries(NAMES.map((name) => [name, ROWS.map((row) => row[name])]));
  const forms = [
    { dataframe_split: { columns: NAMES, index: [0, 1], data: LISTS } },
    { dataframe_records: ROWS },
    { instances: ROWS },
    { instances: LISTS },
    { inputs: columns },
    { inputs: LISTS, params: { any: 1 } },
  ];
  for (const form of forms) {
    const response = await invoke(app, form, 'application/json; charset=utf-8');
    assert.equal(response.statusCode, 200, response.body);
    assert.equal(response.headers['content-type'], 'application/json');
    assert.deepEqual(response.json(), { predictions });
  }
  const nan = JSON.stringify(forms[0]).replaceAll('null', 'NaN');
  assert.deepEqual((await invoke(app, nan)).json(), { predictions });
});

test('CSV: quotes, missing values, words of pandas', async () => {
  const { app, serving } = appOf();
  const predictions = await expectedOf(app);
  serving.log.entries.length = 0;
  const csv = [
    '\ufeffuser_id,active_days_7d,"watch_minutes_30d",is_paid,plan,country',
    'a,3,1.205e2,True,paid,"DE"',
    '"b ""c"", d",0.0,NaN,False,,FR',
    '',
  ].join('\r\n');
  const response = await invoke(app, csv, 'text/csv');
  assert.deepEqual(response.json(), { predictions });
  assert.deepEqual(
    serving.log.entries.map((entry) => entry.userId),
    ['a', 'b "c", d'],
  );
  for (const wrong of ['', 'a\n"x', 'a,a\n1,2\n', `${csv}1,2\n`, csv.replace('1.205e2', 'many')]) {
    const refused = await invoke(app, wrong, 'text/csv');
    assert.equal(refused.statusCode, 400, wrong);
    assert.equal(refused.json().error_code, 'BAD_REQUEST');
  }
});

test('user_id and snapshot_date are for the log, in every form', async () => {
  const { app, serving } = appOf();
  const facts = { user_id: 12, snapshot_date: '2026-01-30' };
  const names = [...NAMES, 'user_id', 'snapshot_date'];
  await invoke(app, { dataframe_records: [{ ...ROW, ...facts }] });
  await invoke(app, { dataframe_split: { columns: names, data: [[...LISTS[0], 12, '2026-01-30']] } });
  assert.deepEqual(
    serving.log.entries.map(({ userId, snapshotDate }) => ({ user_id: userId, snapshot_date: snapshotDate })),
    [facts, facts],
  );
  const wrong = await invoke(app, { dataframe_records: [{ ...ROW, user_id: 1.5 }] });
  assert.match(wrong.json().message, /dataframe_records\[0\]\.user_id/);
});

test('what is wrong is a BAD_REQUEST that names it', async () => {
  const { app } = appOf();
  const wrong: [unknown, RegExp][] = [
    [[ROW], /an object/],
    [{}, /exactly one/],
    [{ instances: ROWS, inputs: {} }, /exactly one/],
    [{ instances: ROWS, params: 3 }, /params/],
    [{ dataframe_records: [{ ...ROW, plan: 3 }] }, /dataframe_records\[0\]\.plan/],
    [{ dataframe_records: [{ ...ROW, pla: 'x' }] }, /pla/],
    [{ dataframe_split: { columns: NAMES, data: [[1]] } }, /dataframe_split\.data\[0\]/],
    [{ dataframe_split: { columns: ['__proto__'], data: [[1]] } }, /__proto__/],
    [{ dataframe_split: { columns: ['a', 'a'], data: [] } }, /twice/],
    [{ inputs: { active_days_7d: 3 } }, /a list/],
    [{ instances: [1, 2] }, /instances\[0\]/],
    ['{"instances": [Infinity]}', /JSON/],
  ];
  for (const [body, text] of wrong) {
    const response = await invoke(app, body);
    assert.equal(response.statusCode, 400, JSON.stringify(body));
    assert.deepEqual(Object.keys(response.json()), ['error_code', 'message']);
    assert.equal(response.json().error_code, 'BAD_REQUEST');
    assert.match(response.json().message, text);
  }
});

test('content types: JSON and CSV in UTF-8 only', async () => {
  const { app } = appOf();
  for (const type of ['application/json; charset=latin-1', 'application/json; a=b', 'text/plain', 'a b']) {
    const response = await invoke(app, { dataframe_records: ROWS }, type);
    assert.equal(response.statusCode, 415, type);
    assert.match(String(response.headers['content-type']), /^text\/plain/);
  }
  const none = await app.inject({ method: 'POST', url: '/invocations', payload: Buffer.from('{}') });
  assert.equal(none.statusCode, 415);
  const { app: small } = appOf({ settings: { limits: { batch_rows: 1 } } });
  assert.equal((await invoke(small, { dataframe_records: ROWS })).statusCode, 413);
});

test("SageMaker's path is an alias", async () => {
  const { app } = appOf();
  const response = await invoke(app, { instances: ROWS }, 'application/json', '/endpoints/churn/invocations');
  assert.deepEqual(response.json(), { predictions: await expectedOf(app) });
  assert.equal(response.headers['x-amzn-invoked-production-variant'], 'champion');
  const other = await invoke(app, { instances: ROWS }, 'application/json', '/endpoints/other/invocations');
  assert.deepEqual([other.statusCode, other.json().error_code], [404, 'RESOURCE_DOES_NOT_EXIST']);
});
