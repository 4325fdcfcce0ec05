import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDuckDB } from '../../src/data/engine/duckdb.js';
import type { Engine } from '../../src/data/engine/engine.js';
import { sql } from '../../src/data/engine/sql.js';
import { ChurnError } from '../../src/error.js';
import { encodingOf } from '../../src/model/encode.js';
import type { LiveModel } from '../../src/serve/parts.js';
import { rowEncoderOf } from '../../src/serve/row-encoder.js';
import { userFeaturesOf } from '../../src/serve/user-features.js';
import { FEATURES } from './parts.js';

let folder: string;
let engine: Engine;
const model = { encoding: encodingOf(FEATURES) } as LiveModel;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-users-'));
  engine = await openDuckDB({ memoryLimit: '500MB', threads: 1, spillFolder: folder });
});
after(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** Users 1..n on each day; `active` is the first day's value of active_days_7d, one more on each further day. */
async function table(name: string, days: readonly string[], users: number, active: number): Promise<string> {
  const path = join(folder, name);
  const queries = days.map(
    (
      day,
      i,
    ) => sql`SELECT range AS user_id, CAST(${day} AS DATE) AS as_of_date, CAST(range + ${active + i} AS DOUBLE) AS active_days_7d,
      CASE WHEN range = 2 THEN NULL ELSE 1.5 END AS watch_minutes_30d, true AS is_paid,
      CASE WHEN range = 3 THEN 'trial' ELSE 'paid' END AS plan, 'DE' AS country FROM range(1, ${users + 1})`,
  );
  const all = queries.reduce((before, query) => sql`${before} UNION ALL ${query}`);
  await engine.write(all, path, 'parquet');
  return path;
}

const usersOf = (path: string, today = '2026-02-01', most = 100) =>
  userFeaturesOf({ path, withEngine: (work) => work(engine), today: () => today, most });

function encoded(features: Record<string, unknown>): Float32Array {
  const values = new Float32Array(model.encoding.columns.length);
  const counts = { nulls: new Int32Array(FEATURES.length), unseen: new Int32Array(FEATURES.length) };
  assert.ok(rowEncoderOf(model.encoding).encode(features, values, 0, counts));
  return values;
}

test('the newest complete day of a user, encoded as a request would be', async () => {
  const users = usersOf(await table('a.parquet', ['2026-01-30', '2026-01-31', '2026-02-01'], 3, 10));
  const row = { active_days_7d: 12, watch_minutes_30d: 1.5, is_paid: 1, plan: 'paid', country: 'DE' };
  assert.deepEqual(await users.find('1', model), { values: encoded(row), day: '2026-01-31' });
  const second = await users.find('2', model);
  assert.deepEqual(second?.values, encoded({ ...row, active_days_7d: 13, watch_minutes_30d: null }));
  const third = await users.find('3', model);
  assert.deepEqual(third?.values, encoded({ ...row, active_days_7d: 14, plan: 'trial' }));
  assert.equal(await users.find('4', model), null);
});

test('a newer table and other features are read anew; what was handed out stays', async () => {
  const path = await table('b.parquet', ['2026-01-30'], 2, 0);
  const users = usersOf(path);
  const before = await users.find('1', model);
  assert.equal(before?.day, '2026-01-30');
  await table('b.parquet', ['2026-01-31'], 2, 50);
  const ends = Date.now() + 10_000;
  while ((await users.find('1', model))?.day !== '2026-01-31') {
    assert.ok(Date.now() < ends, 'the newer table was not taken');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal((await users.find('1', model))?.values[0], 51);
  assert.equal(before?.values[0], 1);
  const other = { encoding: encodingOf([{ name: 'active_days_7d', type: 'number' }]) } as LiveModel;
  assert.deepEqual((await users.find('2', other))?.values, Float32Array.of(52));
});

test('what is missing is said: no table, a table without a feature, too many users, no table at all', async () => {
  const code = (wanted: string) => (error: unknown) => error instanceof ChurnError && error.code === wanted;
  await assert.rejects(usersOf(join(folder, 'none.parquet')).find('1', model), code('input.missing'));
  const path = await table('c.parquet', ['2026-01-30'], 5, 0);
  const wanting = { encoding: encodingOf([...FEATURES, { name: 'tenure', type: 'number' }]) } as LiveModel;
  await assert.rejects(usersOf(path).find('1', wanting), /without tenure/);
  await assert.rejects(usersOf(path, '2026-02-01', 4).find('1', model), /at most 4 users.*5 on 2026-01-30/);
  await writeFile(join(folder, 'd.parquet'), 'no table');
  await assert.rejects(usersOf(join(folder, 'd.parquet')).find('1', model), code('input.unreadable'));
});
