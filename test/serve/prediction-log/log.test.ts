import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '../../../src/data/engine/sql.js';
import { encodingOf } from '../../../src/model/encode.js';
import { random } from '../../../src/random.js';
import type { LoggedBatch } from '../../../src/serve/parts.js';
import { openPredictionLog } from '../../../src/serve/prediction-log/log.js';
import { predictionLogRelation } from '../../../src/serve/prediction-log/relation.js';
import { ALWAYS, encoding, engineFor, folderFor, ids, logged, MARCH, NOON, prediction } from './samples.js';

test('what was appended is read back, with the features decoded and typed', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const log = openPredictionLog({ folder, ...ALWAYS });
  log.append(prediction(1), encoding);
  log.append(
    prediction(2, {
      userId: null,
      snapshotDate: null,
      row: Float32Array.from([Number.NaN, Number.NaN, Number.NaN]),
    }),
    encoding,
  );
  log.append(
    prediction(3, { userId: 'u"3', snapshotDate: 'soon', row: Float32Array.from([0.1, 0, 0]) }),
    encoding,
  );
  await log.close();
  assert.deepEqual(log.stats(), { buffered: 0, written: 3, dropped: 0, failing: null });
  const common = { model_version: '20260131-aaaa', arm: 'champion', churn_risk: 0.25 };
  assert.deepEqual(await logged(engine, folder), [
    {
      time: '2026-03-01T12:00:00.001Z',
      request_id: 'r1',
      user_id: '1',
      snapshot_date: '2026-02-28',
      ...common,
      age: 1,
      plan: 'free',
    },
    {
      time: '2026-03-01T12:00:00.002Z',
      request_id: 'r2',
      user_id: null,
      snapshot_date: null,
      ...common,
      age: null,
      plan: null,
    },
    {
      time: '2026-03-01T12:00:00.003Z',
      request_id: 'r3',
      user_id: 'u"3',
      snapshot_date: null,
      ...common,
      age: Math.fround(0.1),
      plan: '(unseen)',
    },
  ]);
  const relation = await predictionLogRelation(engine, folder, MARCH);
  const types = (await engine.describe(sql`SELECT * FROM ${relation} AS log`)).map(({ type }) => type);
  assert.deepEqual(types, [
    'TIMESTAMP',
    'VARCHAR',
    'VARCHAR',
    'DATE',
    'VARCHAR',
    'VARCHAR',
    'DOUBLE',
    'FLOAT',
    'VARCHAR',
  ]);
});

test('any text survives; half a character and overlong texts are put right', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const texts = [
    '',
    'O\'Brien "x"',
    '👩‍👩‍👧 ünïcödé 漢字',
    'line\nbreak, comma; \\N',
    'NULL',
    'a\u0000b',
    '\ud800',
    'x'.repeat(5000),
    '2026-01-01',
  ];
  const unicode = encodingOf([{ name: '漢字 "feature"', type: 'category', categories: ['é', '👍'] }]);
  const log = openPredictionLog({ folder, ...ALWAYS });
  texts.forEach((text, i) => {
    log.append(prediction(i, { requestId: text, userId: text, row: Float32Array.from([0, 1]) }), unicode);
  });
  await log.close();
  const rows = await logged(engine, folder);
  const expected = texts.map((text) => (text === '\ud800' ? '\ufffd' : text.slice(0, 256)));
  assert.deepEqual(
    rows.map((row) => row.user_id),
    expected,
  );
  assert.deepEqual(
    rows.map((row) => row.request_id),
    expected,
  );
  assert.ok(rows.every((row) => row['漢字 "feature"'] === '👍'));
});

test('thousands of rows with nulls come back as they were', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const log = openPredictionLog({ folder, ...ALWAYS });
  const count = 3001;
  for (let i = 0; i < count; i++) {
    const category = i % 5 === 0 ? [Number.NaN, Number.NaN] : [i % 2, (i + 1) % 2];
    const age = i % 7 === 0 ? Number.NaN : i / 3;
    log.append(
      prediction(i, { probability: i / count, row: Float32Array.from([age, ...category]) }),
      encoding,
    );
  }
  await log.close();
  const rows = await logged(engine, folder);
  assert.equal(rows.length, count);
  rows.forEach((row, i) => {
    assert.equal(row.age, i % 7 === 0 ? null : Math.fround(i / 3));
    assert.equal(row.plan, i % 5 === 0 ? null : i % 2 === 1 ? 'free' : 'paid');
    assert.equal(row.churn_risk, i / count);
  });
});

test('batches between single rows come back as they were, also from memory that is used again', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const log = openPredictionLog({ folder, ...ALWAYS });
  const expected: unknown[] = [];
  const chance = random(1);
  for (let round = 0; round < 4; round++) {
    const rows = [9000, 20_000, 1, 3000][round];
    const row = (i: number) => (i % 11 === 0 ? [Number.NaN, Number.NaN] : [i % 3 === 0 ? 1 : 0, 0]);
    const numbers = Float32Array.from({ length: rows }, (_, i) =>
      i % 7 === 0 ? Number.NaN : chance.normal(),
    );
    const batch: LoggedBatch = {
      ...prediction(1000 * round, { requestId: `batch ${round}` }),
      userId: (i) =>
        round === 1 ? null : i % 5 === 0 ? null : i % 2 === 0 ? i : `user ${Math.floor(i / 100)}`,
      snapshotDate: (i) => (round === 0 ? null : i < 2500 ? '2026-02-01' : 'soon'),
      probabilities: Float32Array.from({ length: rows }, () => chance.uniform()),
      values: Float32Array.from({ length: rows * 3 }, (_, i) =>
        i % 3 === 0 ? numbers[i / 3] : row(Math.floor(i / 3))[(i % 3) - 1],
      ),
    };
    log.append(prediction(1000 * round, { requestId: 'alone' }), encoding);
    const middle = Math.floor(rows / 2);
    log.appendRows(batch, 0, middle, encoding);
    log.appendRows(batch, middle, rows, encoding);
    expected.push([1000 * round, 'alone', String(1000 * round), '2026-02-28', 0.25, 1000 * round, 'free']);
    for (let i = 0; i < rows; i++) {
      const [user, day] = [batch.userId(i), batch.snapshotDate(i)];
      expected.push([
        1000 * round,
        `batch ${round}`,
        user === null ? null : String(user),
        day === 'soon' ? null : day,
        batch.probabilities[i],
        Number.isNaN(numbers[i]) ? null : numbers[i],
        i % 11 === 0 ? null : i % 3 === 0 ? 'free' : '(unseen)',
      ]);
    }
    await log.flush();
  }
  await log.close();
  assert.deepEqual(log.stats(), { buffered: 0, written: expected.length, dropped: 0, failing: null });
  const found = (await logged(engine, folder)).map((one) => [
    Date.parse(String(one.time)) - NOON,
    one.request_id,
    one.user_id,
    one.snapshot_date,
    one.churn_risk,
    one.age,
    one.plan,
  ]);
  const sorted = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  assert.deepEqual(sorted(found), sorted(expected));
});

test('of a batch that finds too little room the rest is dropped and counted, and one of another width', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const log = openPredictionLog({ folder, ...ALWAYS, maxBuffered: 300 });
  const batch: LoggedBatch = {
    ...prediction(0),
    userId: (row) => row,
    snapshotDate: () => null,
    probabilities: new Float32Array(500),
    values: new Float32Array(1500),
  };
  log.appendRows(batch, 0, 500, encoding);
  log.appendRows(batch, 0, 500, encoding);
  log.appendRows({ ...batch, values: new Float32Array(1000) }, 0, 500, encoding);
  await log.close();
  log.appendRows(batch, 0, 500, encoding);
  assert.deepEqual(log.stats(), { buffered: 0, written: 300, dropped: 1700, failing: null });
  assert.equal((await ids(engine, folder)).length, 300);
});

test('versions with other features, and a feature with the name of a column, lie side by side', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const other = encodingOf([
    { name: 'age', type: 'category', categories: ['old'] },
    { name: 'arm', type: 'number' },
  ]);
  const log = openPredictionLog({ folder, ...ALWAYS });
  log.append(prediction(1), encoding);
  log.append(prediction(2, { row: Float32Array.from([1, 7]) }), other);
  log.append(prediction(3), encoding);
  await log.close();
  const rows = await logged(engine, folder);
  assert.deepEqual(
    rows.map((row) => [row.arm, Number.parseFloat(String(row.age)) || row.age, row.plan, row.feature_arm]),
    [
      ['champion', 1, 'free', null],
      ['champion', 'old', null, 7],
      ['champion', 3, 'free', null],
    ],
  );
});

test('a prediction belongs to the day of its time, also when the clock goes back', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const log = openPredictionLog({ folder, ...ALWAYS });
  const times = [
    '2026-03-02T00:00:00Z',
    '2026-03-01T23:59:59.999Z',
    '2026-03-02T00:00:01Z',
    '1969-12-31T23:59:59Z',
  ];
  times.forEach((time, i) => {
    log.append(prediction(i, { time: Date.parse(time) }), encoding);
  });
  log.append(prediction(9, { time: Number.NaN }), encoding);
  await log.close();
  assert.deepEqual(await ids(engine, folder, { from: '2026-03-01', to: '2026-03-02' }), ['r1']);
  assert.deepEqual(await ids(engine, folder, { from: '2026-03-02', to: '2026-03-03' }), ['r0', 'r2']);
  assert.deepEqual(await ids(engine, folder, { from: '1969-01-01', to: '1970-01-01' }), ['r3']);
  assert.equal(log.stats().dropped, 1);
  assert.equal(await predictionLogRelation(engine, folder, { from: '2020-01-01', to: '2021-01-01' }), null);
  assert.equal(await predictionLogRelation(engine, join(folder, 'nowhere'), MARCH), null);
});

test('it writes by itself: after half the interval, and when there are many', async (context) => {
  const folder = await folderFor(context);
  const slow = openPredictionLog({ folder, flushMilliseconds: 200, flushRows: 1e9, maxBuffered: 1e6 });
  const eager = openPredictionLog({ folder, flushMilliseconds: 3_600_000, flushRows: 10, maxBuffered: 1e6 });
  slow.append(prediction(1), encoding);
  for (let i = 0; i < 10; i++) {
    eager.append(prediction(i), encoding);
  }
  for (let i = 0; i < 500 && (slow.stats().written < 1 || eager.stats().written < 10); i++) {
    await sleep(10);
  }
  assert.equal(slow.stats().written, 1);
  assert.equal(eager.stats().written, 10);
  await Promise.all([slow.close(), eager.close()]);
});

test('the log owns what it copied: the caller may use its row again', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const log = openPredictionLog({ folder, ...ALWAYS });
  const row = Float32Array.from([1, 1, 0]);
  log.append(prediction(1, { row }), encoding);
  row.fill(9);
  await log.close();
  assert.equal((await logged(engine, folder))[0].age, 1);
});

test('a row of another width is dropped and counted', async (context) => {
  const log = openPredictionLog({ folder: await folderFor(context), ...ALWAYS });
  log.append(prediction(1, { row: new Float32Array(2) }), encoding);
  assert.deepEqual(log.stats(), { buffered: 0, written: 0, dropped: 1, failing: null });
  await log.close();
});

test('while the folder cannot be written predictions wait, then are dropped; it recovers by itself', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const place = join(folder, 'log');
  await writeFile(place, 'a file is in the way');
  const log = openPredictionLog({ folder: place, flushMilliseconds: 40, flushRows: 5, maxBuffered: 20 });
  for (let i = 0; i < 30; i++) {
    log.append(prediction(i), encoding);
  }
  await log.flush();
  assert.equal(log.stats().dropped, 10);
  assert.equal(log.stats().buffered, 20);
  assert.match(log.stats().failing!, /not a folder/);
  await rm(place);
  for (let i = 0; i < 500 && log.stats().failing !== null; i++) {
    await sleep(10);
  }
  assert.deepEqual(log.stats(), { buffered: 0, written: 20, dropped: 10, failing: null });
  log.append(prediction(30), encoding);
  await log.close();
  assert.equal((await ids(engine, place)).length, 21);
});

test('what is left at the end of a log that cannot write is counted as dropped', async (context) => {
  const place = join(await folderFor(context), 'log');
  await writeFile(place, '');
  const log = openPredictionLog({ folder: place, ...ALWAYS });
  log.append(prediction(1), encoding);
  await log.close();
  assert.equal(log.stats().dropped, 1);
  log.append(prediction(2), encoding);
  assert.equal(log.stats().dropped, 2);
});

test('two writers share a folder', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const logs = [openPredictionLog({ folder, ...ALWAYS }), openPredictionLog({ folder, ...ALWAYS })];
  for (let i = 0; i < 20; i++) {
    logs[i % 2].append(prediction(i), encoding);
    if (i % 5 === 4) {
      await Promise.all(logs.map((log) => log.flush()));
    }
  }
  await Promise.all(logs.map((log) => log.close()));
  assert.equal((await readdir(join(folder, '2026-03-01/open'))).length, 8);
  assert.equal(new Set(await ids(engine, folder)).size, 20);
  assert.equal((await ids(engine, folder)).length, 20);
});

test('temporary files of others are not read', async (context) => {
  const [folder, engine] = [await folderFor(context), await engineFor(context)];
  const open = join(folder, '2026-03-01/open');
  await mkdir(open, { recursive: true });
  await writeFile(join(open, '.x.parquet.tmp-1-0123456789ab'), 'PAR1 half');
  assert.deepEqual(await logged(engine, folder), []);
  const log = openPredictionLog({ folder, ...ALWAYS });
  log.append(prediction(1), encoding);
  await log.close();
  assert.deepEqual(await ids(engine, folder), ['r1']);
});
