import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { encodeInto, encodingOf } from '../../src/model/encode.js';
import { buildApp } from '../../src/serve/app.js';
import { columnsInto } from '../../src/serve/columns-into.js';
import type { LiveModel } from '../../src/serve/parts.js';
import { rowEncoderOf } from '../../src/serve/row-encoder.js';
import { FEATURES, ROW, servingOf, type TestServing, trainedModel } from './parts.js';

let model: LiveModel;
let serving: TestServing;
let app: FastifyInstance;

before(async () => {
  model = await trainedModel();
  serving = servingOf({ model, settings: { limits: { batch_rows: 5000, explained_rows: 3 } } });
  app = buildApp(serving, { logLines: null });
});

const post = async (url: string, payload: object | string) => {
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    body: response.json(),
    response,
  };
};

function probabilityOf(row: Record<string, unknown>): number {
  const values = new Float32Array(model.encoding.columns.length);
  const columns = FEATURES.map(({ name, type }) =>
    type === 'number'
      ? Float64Array.of((row[name] as number | null) ?? Number.NaN)
      : [row[name] as string | null],
  );
  encodeInto(model.encoding, columns, 1, values, 0);
  return Math.fround(model.scoreOne(values));
}

test('the contract: user_id as text, a risk in [0, 1], the version, and the snapshot date when sent', async () => {
  const { status, body, response } = await post('/predict', {
    user_id: 42,
    snapshot_date: '2026-01-30',
    features: ROW,
  });
  assert.equal(status, 200);
  assert.deepEqual(body, {
    user_id: '42',
    churn_risk: probabilityOf(ROW),
    model_version: '20260131-test',
    snapshot_date: '2026-01-30',
  });
  assert.match(String(response.headers['x-request-id']), /^[\w-]{12}-[0-9a-z]+$/);
  const plain = await post('/predict', { user_id: 'u-1', features: ROW });
  assert.deepEqual(Object.keys(plain.body), ['user_id', 'churn_risk', 'model_version']);
});

test('a prediction is logged with what the caller sent, and shown to live drift', async () => {
  const [before, rows] = [serving.log.entries.length, serving.drift.rows];
  await app.inject({
    method: 'POST',
    url: '/predict',
    headers: { 'x-request-id': 'mine-1' },
    payload: { user_id: 7, features: ROW },
  });
  const entry = serving.log.entries[before];
  assert.equal(serving.log.entries.length, before + 1);
  assert.equal(serving.drift.rows, rows + 1);
  assert.equal(entry.requestId, 'mine-1');
  assert.equal(entry.userId, 7);
  assert.equal(entry.snapshotDate, null);
  assert.equal(entry.version, '20260131-test');
  assert.equal(entry.arm, 'champion');
  assert.equal(entry.probability, probabilityOf(ROW));
  assert.equal(entry.time, Date.parse('2026-02-01T12:00:00Z'));
  assert.equal(entry.row.length, model.encoding.columns.length);
});

test('explanations name the strongest features; their number can be chosen', async () => {
  const five = await post('/predict', { user_id: 1, features: ROW, explain: true });
  assert.equal(five.body.explanation.length, 5);
  const sizes = five.body.explanation.map((one: { contribution: number }) => Math.abs(one.contribution));
  assert.deepEqual(
    sizes,
    [...sizes].sort((a, b) => b - a),
  );
  const two = await post('/predict', { user_id: 1, features: ROW, explain: 2 });
  assert.deepEqual(two.body.explanation, five.body.explanation.slice(0, 2));
  assert.equal(
    (await post('/predict', { user_id: 1, features: ROW, explain: false })).body.explanation,
    undefined,
  );
});

test('every wrong value of a row is named with what was expected and what came', async () => {
  const { status, type, body } = await post('/predict', {
    user_id: 1,
    features: { active_days_7d: 'three', watch_minutes_30: 5, is_paid: [1], plan: 7 },
  });
  assert.equal(status, 400);
  assert.match(String(type), /^application\/problem\+json/);
  assert.equal(body.status, 400);
  assert.equal(body.code, 'usage.invalid');
  assert.match(body.detail, /features\.active_days_7d/);
  const byField = Object.fromEntries(body.errors.map((error: { field: string }) => [error.field, error]));
  assert.deepEqual(byField['features.active_days_7d'], {
    field: 'features.active_days_7d',
    expected: 'a finite number (up to 3.4e38), true, false or null',
    value: '"three"',
  });
  assert.match(byField['features.watch_minutes_30'].expected, /did you mean "watch_minutes_30d"/);
  assert.equal(byField['features.watch_minutes_30d'].value, 'nothing');
  assert.equal(byField['features.is_paid'].value, 'a list');
  assert.equal(byField['features.plan'].value, '7');
  assert.equal(byField['features.country'].value, 'nothing');
  assert.equal(body.error_count, 6);
});

test('numbers beyond float32 are refused; bare NaN is no JSON', async () => {
  const huge = await post('/predict', { user_id: 1, features: { ...ROW, active_days_7d: 1e39 } });
  assert.equal(huge.status, 400);
  assert.equal(huge.body.errors[0].value, '1e+39');
  const overflow = await post(
    '/predict',
    `{"user_id":1,"features":${JSON.stringify(ROW).replace(':3,', ':1e999,')}}`,
  );
  assert.equal(overflow.body.errors[0].value, 'Infinity');
  const bare = await post('/predict', '{"user_id":1,"features":{"active_days_7d":NaN}}');
  assert.equal(bare.status, 400);
  assert.equal(bare.body.code, 'http.invalid');
});

test('null means missing, true and false are 1 and 0, unknown categories are scored; both are counted', async () => {
  const scored = await post('/predict', {
    user_id: 1,
    features: { ...ROW, active_days_7d: null, country: 'FR' },
  });
  assert.equal(scored.body.churn_risk, probabilityOf({ ...ROW, active_days_7d: null, country: 'FR' }));
  const flag = await post('/predict', { user_id: 1, features: { ...ROW, is_paid: true } });
  assert.equal(flag.body.churn_risk, probabilityOf(ROW));
  const text = await serving.scrape();
  assert.match(text, /churn_feature_nulls_total\{feature="active_days_7d"\} 1\n/);
  assert.match(text, /churn_feature_unseen_total\{feature="country"\} 1\n/);
  assert.match(text, /churn_feature_nulls_total\{feature="plan"\} 0\n/);
});

test('the envelope is checked too', async () => {
  for (const [payload, field] of [
    [{ features: ROW }, 'user_id'],
    [{ user_id: 1 }, 'features'],
    [{ user_id: 1, features: ROW, feature: 1 }, 'feature'],
    [{ user_id: 1.5, features: ROW }, 'user_id'],
    [{ user_id: 1, features: [1] }, 'features'],
    [{ user_id: 1, features: ROW, snapshot_date: '30.1.2026' }, 'snapshot_date'],
    [{ user_id: 1, features: ROW, snapshot_date: '2026-02-30' }, 'snapshot_date'],
    [{ user_id: 1, features: ROW, explain: 'yes' }, 'explain'],
  ] as const) {
    const { status, body } = await post('/predict', payload);
    assert.equal(status, 400, JSON.stringify(payload));
    assert.equal(body.errors[0].field, field);
  }
  for (const payload of ['', '{', '[]', 'null', '{"__proto__": {}}']) {
    assert.equal((await post('/predict', payload)).status, 400, payload);
  }
  const text = await app.inject({
    method: 'POST',
    url: '/predict',
    headers: { 'content-type': 'text/plain' },
    payload: 'x',
  });
  assert.equal(text.statusCode, 415);
});

test('records, columns and single requests give the same numbers', async () => {
  const rows = Array.from({ length: 700 }, (_, i) => ({
    user_id: i,
    features: {
      ...ROW,
      active_days_7d: i % 10,
      plan: i % 3 === 0 ? null : 'free',
      country: i % 7 === 0 ? 'XX' : 'IN',
    },
  }));
  const records = await post('/predict/batch', { rows });
  assert.equal(records.status, 200);
  assert.equal(records.body.rows, 700);
  assert.deepEqual(records.body.user_id.slice(0, 2), ['0', '1']);
  const columns = Object.fromEntries(
    FEATURES.map(({ name }) => [
      name,
      rows.map(({ features }) => (features as Record<string, unknown>)[name]),
    ]),
  );
  const byColumn = await post('/predict/batch', { columns, user_ids: rows.map((row) => row.user_id) });
  assert.deepEqual(byColumn.body, records.body);
  for (const i of [0, 3, 7, 699]) {
    const single = await post('/predict', rows[i]);
    assert.equal(single.body.churn_risk, records.body.churn_risk[i]);
  }
  const few = await post('/predict/batch', { rows: rows.slice(0, 5) });
  assert.deepEqual(few.body.churn_risk, records.body.churn_risk.slice(0, 5));
});

test('a batch names the rows and values that are wrong, at most a hundred of them', async () => {
  const wrong = await post('/predict/batch', {
    rows: [{ features: ROW }, { features: { ...ROW, plan: 1 } }],
  });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.body.errors[0].field, 'rows[1].features.plan');
  const many = await post('/predict/batch', { rows: Array.from({ length: 300 }, () => ({ features: {} })) });
  assert.equal(many.body.errors.length, 100);
  assert.equal(many.body.error_count, 1500);
  const columns = Object.fromEntries(Object.entries(ROW).map(([name, value]) => [name, [value, value]]));
  const short = await post('/predict/batch', {
    columns: { ...columns, plan: ['free'], country: ['DE', 3], plane: [] },
  });
  assert.deepEqual(
    short.body.errors.map((error: { field: string }) => error.field),
    ['columns.plane', 'columns.plan', 'columns.country[1]'],
  );
  const ids = await post('/predict/batch', { columns, user_ids: [1] });
  assert.equal(ids.body.errors[0].field, 'user_ids');
});

test('a batch has limits, and takes rows or columns', async () => {
  const tooMany = await post('/predict/batch', {
    rows: Array.from({ length: 5001 }, () => ({ features: {} })),
  });
  assert.equal(tooMany.status, 413);
  assert.match(tooMany.body.detail, /5000 rows; got 5001/);
  const explained = await post('/predict/batch', { rows: Array(4).fill({ features: ROW }), explain: true });
  assert.equal(explained.status, 413);
  const two = await post('/predict/batch', { rows: Array(2).fill({ features: ROW }), explain: 1 });
  assert.equal(two.body.explanation.length, 2);
  assert.equal(two.body.explanation[1].length, 1);
  assert.equal((await post('/predict/batch', {})).status, 400);
  assert.equal((await post('/predict/batch', { rows: [], columns: {} })).status, 400);
  assert.deepEqual((await post('/predict/batch', { rows: [] })).body.churn_risk, []);
});

test('the one-row encoder and the column encoder do what the model does', async () => {
  const encoding = encodingOf(FEATURES);
  const number = fc.oneof(fc.constant(null), fc.double({ noNaN: true, min: -1e30, max: 1e30 }), fc.boolean());
  const text = fc.oneof(fc.constant(null), fc.constantFrom('free', 'paid', 'DE', 'IN', 'else'));
  const row = fc.record({
    active_days_7d: number,
    watch_minutes_30d: number,
    is_paid: number,
    plan: text,
    country: text,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      const width = encoding.columns.length;
      const size = rows.length * width;
      const cells = (name: string) => rows.map((one) => (one as Record<string, unknown>)[name]);
      const expected = new Float32Array(size);
      const counts = () => ({
        nulls: new Int32Array(FEATURES.length),
        unseen: new Int32Array(FEATURES.length),
      });
      const [a, b, c] = [counts(), counts(), counts()];
      const columns = FEATURES.map(({ name, type }) =>
        type === 'number'
          ? Float64Array.from(cells(name), (cell) => (cell === null ? Number.NaN : Number(cell)))
          : (cells(name) as (string | null)[]),
      );
      encodeInto(encoding, columns, rows.length, expected, 0, a);
      const byRow = new Float32Array(size);
      rows.forEach((one, i) => assert.ok(rowEncoderOf(encoding).encode(one, byRow, i * width, b)));
      const byColumn = new Float32Array(size);
      const named = Object.fromEntries(FEATURES.map(({ name }) => [name, cells(name)]));
      await columnsInto(encoding, named, rows.length, byColumn, c, 'columns');
      assert.deepEqual(byRow, expected);
      assert.deepEqual(byColumn, expected);
      assert.deepEqual([b, c], [a, a]);
    }),
    { numRuns: 100 },
  );
});
