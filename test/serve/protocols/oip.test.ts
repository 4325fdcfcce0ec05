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
const VERSION = '20260131-test';
const INFER = '/v2/models/churn/infer';

type Row = Record<string, number | string | null>;
const SECOND: Row = { active_days_7d: 0, watch_minutes_30d: null, is_paid: 0, plan: null, country: 'FR' };

const tensorsOf = (rows: Row[]): Record<string, unknown>[] =>
  FEATURES.map(({ name, type }) => ({
    name,
    shape: [rows.length],
    datatype: type === 'number' ? 'FP64' : 'BYTES',
    data: rows.map((row) => row[name]),
  }));

/** What /predict says to a row: the protocols must say the same. */
async function riskOf(app: ReturnType<typeof appOf>['app'], features: Row): Promise<number> {
  const response = await app.inject({ method: 'POST', url: '/predict', payload: { user_id: 1, features } });
  assert.equal(response.statusCode, 200, response.body);
  return response.json().churn_risk;
}

const infer = (app: ReturnType<typeof appOf>['app'], payload: object | string, url = INFER) =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } });

test('health, server and model metadata', async () => {
  const { app, serving } = appOf();
  assert.deepEqual((await app.inject('/v2/health/live')).json(), { live: true });
  const ready = await app.inject('/v2/health/ready');
  assert.deepEqual(ready.json(), { live: true, ready: true });
  assert.equal(ready.headers['content-type'], 'application/json');
  for (const url of ['/v2', '/v2/']) {
    const { name, version, extensions } = (await app.inject(url)).json();
    assert.deepEqual([name, typeof version, extensions], ['churn-mlops', 'string', ['binary_tensor_data']]);
  }
  for (const url of ['/v2/models/churn', `/v2/models/churn/versions/${VERSION}`]) {
    const metadata = (await app.inject(url)).json();
    assert.deepEqual(metadata.versions, [VERSION]);
    assert.deepEqual(metadata.inputs.at(0), { name: 'active_days_7d', datatype: 'FP64', shape: [-1] });
    assert.deepEqual(metadata.inputs.at(-1), { name: 'country', datatype: 'BYTES', shape: [-1] });
    assert.deepEqual(metadata.outputs, [{ name: 'churn_risk', datatype: 'FP32', shape: [-1] }]);
    assert.deepEqual((await app.inject(`${url}/ready`)).json(), { name: 'churn', ready: true });
  }
  serving.holder.set(null);
  assert.equal((await app.inject('/v2/health/ready')).statusCode, 503);
  assert.equal((await app.inject('/v2/models/churn/ready')).json().ready, false);
  assert.match((await app.inject('/v2/models/churn')).json().error, /champion/);
  assert.equal((await infer(app, { inputs: tensorsOf([ROW]) })).statusCode, 503);
});

test('one tensor per feature: the risks that /predict gives, users in the log', async () => {
  const { app, serving } = appOf();
  const expected = [await riskOf(app, ROW), await riskOf(app, SECOND)];
  serving.log.entries.length = 0;
  const inputs = [
    ...tensorsOf([ROW, SECOND]),
    { name: 'user_id', shape: [2, 1], datatype: 'BYTES', data: [['a'], ['b']] },
  ];
  const payload = {
    id: 'mine',
    inputs,
    outputs: [{ name: 'churn_risk' }],
    parameters: { snapshot_date: '2026-01-30' },
  };
  const response = await infer(app, payload);
  assert.equal(response.headers['content-type'], 'application/json');
  assert.deepEqual(response.json(), {
    model_name: 'churn',
    model_version: VERSION,
    id: 'mine',
    outputs: [{ name: 'churn_risk', datatype: 'FP32', shape: [2], data: expected }],
  });
  assert.deepEqual(
    serving.log.entries.map(({ userId, snapshotDate }) => [userId, snapshotDate]),
    [
      ['a', '2026-01-30'],
      ['b', '2026-01-30'],
    ],
  );
  await infer(app, { inputs: tensorsOf([ROW]), parameters: { user_id: 7 } });
  assert.equal(serving.log.entries.at(-1)?.userId, 7);
});

test('NaN and null are missing; integers, flags and [n, 1] are taken', async () => {
  const { app } = appOf();
  const inputs = tensorsOf([{ ...SECOND, is_paid: 1 }]).map((tensor) => ({ ...tensor, shape: [1, 1] }));
  inputs[2] = { name: 'is_paid', shape: [1, 1], datatype: 'BOOL', data: [[true]] } as never;
  inputs[0] = { name: 'active_days_7d', shape: [1], datatype: 'INT64', data: [0] } as never;
  const text = JSON.stringify({ inputs }).replace('"FP64","data":[null]', '"FP64","data":[NaN]');
  assert.match(text, /NaN/);
  const response = await infer(app, text);
  assert.deepEqual(response.json().outputs[0].data, [await riskOf(app, { ...SECOND, is_paid: 1 })]);
});

test('the design matrix as one tensor, flat, nested or as bytes', async () => {
  const { app } = appOf();
  const expected = [await riskOf(app, ROW), await riskOf(app, SECOND)];
  // plan is free, paid; country AT, DE, IN; FR is none of them.
  const first = [3, 120.5, 1, 0, 1, 0, 1, 0];
  const second = [0, null, 0, null, null, 0, 0, 0];
  const tensor = { name: 'features', shape: [2, 8], datatype: 'FP32' };
  for (const data of [
    [first, second],
    [...first, ...second],
  ]) {
    const response = await infer(app, { inputs: [{ ...tensor, data }] });
    assert.deepEqual(response.json().outputs?.[0].data, expected, response.body);
  }
  const floats = Float32Array.from([...first, ...second], (value) => value ?? Number.NaN);
  const json = Buffer.from(JSON.stringify({ inputs: [{ ...tensor, parameters: { binary_data_size: 64 } }] }));
  const response = await app.inject({
    method: 'POST',
    url: INFER,
    payload: Buffer.concat([json, Buffer.from(floats.buffer)]),
    headers: { 'inference-header-content-length': String(json.length) },
  });
  assert.deepEqual(response.json().outputs?.[0].data, expected, response.body);
  const strange = await infer(app, {
    inputs: [{ ...tensor, data: [first, [...second.slice(0, 5), 1, 1, 0]] }],
  });
  assert.match(strange.json().error, /"country"/);
  const narrow = await infer(app, { inputs: [{ ...tensor, shape: [2, 7], data: [1] }] });
  assert.equal(narrow.statusCode, 400);
});

test('bytes in, bytes out', async () => {
  const { app } = appOf();
  const raw = Buffer.alloc(8 + 8 + 1);
  raw.writeBigInt64LE(3n, 0);
  raw.writeDoubleLE(120.5, 8);
  raw.writeUInt8(1, 16);
  const texts = ['paid', 'DE'].map((text) =>
    Buffer.concat([Buffer.from([text.length, 0, 0, 0]), Buffer.from(text)]),
  );
  const sizes = [8, 8, 1, 8, 6];
  const types = ['INT64', 'FP64', 'BOOL', 'BYTES', 'BYTES'];
  const inputs = FEATURES.map(({ name }, i) => ({
    name,
    shape: [1],
    datatype: types[i],
    parameters: { binary_data_size: sizes[i] },
  }));
  const outputs = [{ name: 'churn_risk', parameters: { binary_data: true } }];
  const json = Buffer.from(JSON.stringify({ inputs, outputs }));
  const headers = { 'inference-header-content-length': String(json.length) };
  const payload = Buffer.concat([json, raw, ...texts]);
  const response = await app.inject({ method: 'POST', url: INFER, payload, headers });
  assert.equal(response.statusCode, 200, response.body);
  const length = Number(response.headers['inference-header-content-length']);
  const answer = JSON.parse(response.rawPayload.toString('utf8', 0, length));
  assert.deepEqual(answer.outputs[0].parameters, { binary_data_size: 4 });
  assert.equal(response.rawPayload.readFloatLE(length), await riskOf(app, ROW));
  for (const wrong of [payload.subarray(0, payload.length - 1), Buffer.concat([payload, raw])]) {
    const refused = await app.inject({ method: 'POST', url: INFER, payload: wrong, headers });
    assert.equal(refused.statusCode, 400);
  }
  const beyond = { 'inference-header-content-length': '999999' };
  assert.equal((await app.inject({ method: 'POST', url: INFER, payload, headers: beyond })).statusCode, 400);
});

const WRONG: [string, (inputs: Record<string, unknown>[]) => unknown, RegExp][] = [
  ['no inputs', () => ({}), /inputs/],
  ['an empty list', () => ({ inputs: [] }), /inputs/],
  ['a list', () => [], /an object/],
  ['an unknown output', (inputs) => ({ inputs, outputs: [{ name: 'label' }] }), /label/],
  ['a missing feature', ([, ...inputs]) => ({ inputs }), /inputs\.active_days_7d/],
  [
    'an unknown feature',
    (inputs) => ({ inputs: [...inputs, { ...inputs[0], name: 'activ' }] }),
    /inputs\.activ/,
  ],
  ['the same twice', (inputs) => ({ inputs: [...inputs, inputs[0]] }), /two/],
  ['too few values', ([first, ...rest]) => ({ inputs: [{ ...first, data: [] }, ...rest] }), /1 values/],
  ['another number of rows', ([a, b, ...rest]) => ({ inputs: [a, { ...b, shape: [2] }, ...rest] }), /1 rows/],
  [
    'a matrix for a feature',
    ([a, ...rest]) => ({ inputs: [{ ...a, shape: [1, 2], data: [1, 2] }, ...rest] }),
    /\[n, 1\]/,
  ],
  ['text for a number', ([a, ...rest]) => ({ inputs: [{ ...a, data: ['3'] }, ...rest] }), /a number/],
  [
    'texts for a feature of numbers',
    ([a, ...rest]) => ({ inputs: [{ ...a, datatype: 'BYTES', data: ['3'] }, ...rest] }),
    /finite/,
  ],
  ['a strange datatype', ([a, ...rest]) => ({ inputs: [{ ...a, datatype: 'BF16' }, ...rest] }), /BF16/],
  [
    'a fraction for INT64',
    ([a, ...rest]) => ({ inputs: [{ ...a, datatype: 'INT64', data: [0.5] }, ...rest] }),
    /whole/,
  ],
  ['a deep list', ([a, ...rest]) => ({ inputs: [{ ...a, data: [[[[1]]]] }, ...rest] }), /a number/],
  ['a shape of text', ([a, ...rest]) => ({ inputs: [{ ...a, shape: ['1'] }, ...rest] }), /shape/],
  ['an id that is a number', (inputs) => ({ id: 3, inputs }), /id/],
  [
    'a name of all objects',
    (inputs) => ({ inputs: [...inputs, { ...inputs[0], name: '__proto__' }] }),
    /__proto__/,
  ],
];

test('what is wrong is refused with {"error": text}', async () => {
  const { app } = appOf();
  for (const [what, change, text] of WRONG) {
    const response = await infer(app, JSON.stringify(change(tensorsOf([ROW]))));
    assert.equal(response.statusCode, 400, `${what}: ${response.body}`);
    assert.equal(response.headers['content-type'], 'application/json');
    assert.deepEqual(Object.keys(response.json()), ['error']);
    assert.match(response.json().error, text, what);
  }
  for (const body of ['', '{', '[Infinity]']) {
    assert.equal((await infer(app, body)).statusCode, 400);
  }
});

test('other paths, types and sizes are refused in the same form', async () => {
  const { app } = appOf({ settings: { limits: { batch_rows: 2, body_megabytes: 0.001 } } });
  for (const url of ['/v2/models/other', '/v2/models/churn/versions/1', '/v2/nothing']) {
    const response = await app.inject(url);
    assert.equal(response.statusCode, 404);
    assert.deepEqual(Object.keys(response.json()), ['error']);
  }
  const other = await infer(app, { inputs: tensorsOf([ROW]) }, '/v2/models/churn/versions/1/infer');
  assert.equal(other.statusCode, 404);
  const many = await infer(app, {
    inputs: [{ name: 'features', shape: [3, 8], datatype: 'FP32', data: [] }],
  });
  assert.equal(many.statusCode, 413);
  assert.equal((await infer(app, `${' '.repeat(2000)}{}`)).statusCode, 413);
  const csv = await app.inject({
    method: 'POST',
    url: INFER,
    payload: 'a',
    headers: { 'content-type': 'text/csv' },
  });
  assert.equal(csv.statusCode, 415);
  assert.deepEqual(Object.keys(csv.json()), ['error']);
});

test('no rows are an answer without values', async () => {
  const { app } = appOf();
  const response = await infer(app, { inputs: tensorsOf([]) });
  assert.deepEqual(response.json().outputs[0], {
    name: 'churn_risk',
    datatype: 'FP32',
    shape: [0],
    data: [],
  });
});
