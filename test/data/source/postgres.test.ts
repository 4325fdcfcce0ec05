import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { publicConfig } from '../../../src/cli/public-config.js';
import { consistencyProblems } from '../../../src/config/consistency.js';
import { configSchema } from '../../../src/config/schema.js';
import { sql } from '../../../src/data/engine/sql.js';
import { openSource, type SourceName } from '../../../src/data/sources.js';
import type { ChurnError } from '../../../src/error.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';
import { csv, type TestProject, testProject } from '../project.js';

let server: PostgresServer;
let url: string;
let database: string;
before(async () => {
  server = await startPostgres();
  url = await server.newDatabase();
  database = new URL(url).pathname.slice(1);
});
after(() => server.remove());

type From = { table?: string; query?: string; url?: string };

const settings = (users: From, events: From, more: Record<string, unknown> = {}) => ({
  ...more,
  features: { static: [], optional: [], daily: { n: { count: 'all' } }, rolling: {}, ratios: {} },
  population: 'all',
  sources: { users: { postgres: { url, ...users } }, events: { postgres: { url, ...events } } },
});

async function read(from: From, name: SourceName = 'users') {
  const project = await testProject(settings(from, from));
  try {
    const { relation, columns, path } = await openSource(project.engine, project.config, project.root, name);
    const rows = await project.engine.rows<Record<string, unknown>>(sql`SELECT * FROM ${relation} AS source`);
    return { rows, path, types: Object.fromEntries(columns.map((column) => [column.name, column.type])) };
  } finally {
    await project.close();
  }
}

const coded = (code: string, exit: number, pattern: RegExp) => (error: ChurnError) => {
  assert.equal(error.code, code, error.message);
  assert.equal(error.exitCode, exit);
  assert.match(error.message, pattern);
  assert.ok(!error.message.includes('\n') && !/se%3Acr|se:cr/.test(error.message), error.message);
  return true;
};

describe('a PostgreSQL source', () => {
  it('keeps values of every type', async () => {
    server.sql(
      `create table typed (user_id numeric(30, 0), signup_date date, big int8, small int2, money numeric(10, 2), ratio float8, single float4,
        at timestamptz, naive timestamp, flag bool, word text, code varchar(5), id uuid, list int[], document jsonb);
      insert into typed values
        (123456789012345678901234567890, '2025-01-31', 9223372036854775807, -3, 12.34, 0.1, 0.5,
         '2025-03-30 01:30:00+02', '2025-03-30 01:30:00.123456', true, E'a,"b"\\nÜ 😀', '001', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{1,2}', '{"a": 1}'),
        (1, '1969-12-31', null, null, 'NaN', 'NaN', '-Infinity', null, null, false, '', 'NULL', null, null, null),
        (null, null, null, null, null, null, null, null, null, null, null, 'NaN', null, null, null)`,
      database,
    );
    const { rows, types } = await read({ table: 'public.typed' });
    assert.deepEqual(rows, [
      {
        ...{
          user_id: '123456789012345678901234567890',
          signup_date: '2025-01-31',
          big: '9223372036854775807',
        },
        ...{ small: -3, money: 12.34, ratio: 0.1, single: 0.5, at: '2025-03-29T23:30:00.000Z' },
        ...{ naive: '2025-03-30T01:30:00.123Z', flag: true, word: 'a,"b"\nÜ 😀', code: '001' },
        ...{ id: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', list: '{1,2}', document: '{"a": 1}' },
      },
      {
        ...{ user_id: '1', signup_date: '1969-12-31', big: null, small: null, money: Number.NaN },
        ...{
          ratio: Number.NaN,
          single: Number.NEGATIVE_INFINITY,
          at: null,
          naive: null,
          flag: false,
          word: '',
        },
        ...{ code: 'NULL', id: null, list: null, document: null },
      },
      {
        ...{
          user_id: null,
          signup_date: null,
          big: null,
          small: null,
          money: null,
          ratio: null,
          single: null,
        },
        ...{
          at: null,
          naive: null,
          flag: null,
          word: null,
          code: 'NaN',
          id: null,
          list: null,
          document: null,
        },
      },
    ]);
    assert.deepEqual([types.big, types.at, types.word], ['BIGINT', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR']);
  });

  it('may be a query, also with a comment and a semicolon at its end, or without rows', async () => {
    const query =
      "select id as user_id, date '2025-01-01' as signup_date from generate_series(1, 3) as id -- three\n;\n";
    assert.deepEqual(
      (await read({ query })).rows.map((row) => row.user_id),
      [1, 2, 3],
    );
    assert.deepEqual(
      (await read({ query: 'select 1 as user_id, now() as signup_date where false' })).rows,
      [],
    );
  });

  it('gives the same tables as files do', async () => {
    const users = [
      { user_id: 1, signup_date: '2025-01-01' },
      { user_id: 2, signup_date: '2025-01-02' },
    ];
    const events = Array.from({ length: 40 }, (_, i) => ({
      ...{ event_id: i, user_id: 1 + (i % 2), event_type: 'login' },
      event_time: `2025-01-${String(1 + (i % 28)).padStart(2, '0')} 10:00:00`,
    }));
    server.sql(
      `create table users (user_id int, signup_date date); create table events (event_id int8, user_id int8, event_type text, event_time timestamp);
      insert into users values ${users.map((row) => `(${row.user_id}, '${row.signup_date}')`)};
      insert into events values ${events.map((row) => `(${row.event_id}, ${row.user_id}, '${row.event_type}', '${row.event_time}')`)}`,
      database,
    );
    const dailyOf = async (project: TestProject) => {
      await project.run('validate', 'prepare', 'features');
      const table = await project.table(project.layout.userFeaturesDaily);
      assert.equal((await readdir(`${project.root}/.spill`)).length <= 1, true);
      await project.close();
      return table;
    };
    const input = settings({ table: 'users' }, { table: 'events' });
    const fromFiles = { ...input, sources: { users: { files: 'u.csv' }, events: { files: 'e.csv' } } };
    const there = await dailyOf(await testProject(input));
    assert.equal(there.length, 56);
    assert.deepEqual(
      there,
      await dailyOf(await testProject(fromFiles, { 'u.csv': csv(users), 'e.csv': csv(events) })),
    );
  });

  it('reads users and events of one moment, once', async () => {
    server.sql(
      'create table moving (user_id int, signup_date date, event_time timestamp, event_type text)',
      database,
    );
    const add = () =>
      server.sql("insert into moving values (1, '2025-01-01', '2025-01-01 10:00', 'login')", database);
    add();
    const project = await testProject(settings({ table: 'moving' }, { table: 'moving' }));
    const count = async (name: SourceName) => {
      const { relation } = await openSource(project.engine, project.config, project.root, name);
      return (
        await project.engine.rows<{ n: number }>(sql`SELECT count(*) AS n FROM ${relation} AS source`)
      )[0].n;
    };
    try {
      assert.equal(await count('users'), 1);
      add();
      assert.deepEqual([await count('events'), await count('users')], [1, 1]);
    } finally {
      await project.close();
    }
  });

  it('tells in one line what is wrong', async () => {
    await assert.rejects(
      read({ table: 'nowhere' }),
      coded('input.missing', 66, /nowhere.*does not exist.*correct sources\.users\.postgres/),
    );
    await assert.rejects(
      read({ query: 'select nothing from users' }),
      coded('data.column_missing', 65, /column "nothing" does not exist/),
    );
    await assert.rejects(read({ query: 'selekt 1' }), coded('config.invalid', 78, /syntax error/));
    await assert.rejects(read({ query: 'delete from users returning *' }), coded('config.invalid', 78, /./));
    await assert.rejects(
      read({ query: 'select 1 as id' }),
      coded('data.column_missing', 65, /"user_id", "signup_date" in the users.*got the columns id/),
    );
    await assert.rejects(
      read({ query: 'select 1 / 0 as user_id' }),
      coded('config.invalid', 78, /division by zero/),
    );
    const wrong = new URL(url);
    wrong.password = 'se%3Acrets';
    await assert.rejects(
      read({ table: 'users', url: String(wrong) }),
      coded('config.invalid', 78, /a wrong password/),
    );
    wrong.port = '1';
    await assert.rejects(
      read({ table: 'users', url: String(wrong) }),
      coded('io.failed', 74, /ECONNREFUSED.*see whether the server runs/),
    );
  });

  it('is configured whole, and shown without its password', () => {
    const problems = (postgres: unknown) =>
      consistencyProblems(configSchema.parse({ sources: { users: { postgres } } })).map(
        ({ path, message }) => `${path}: ${message}`,
      );
    assert.deepEqual(problems({ url, table: 'users' }), []);
    assert.match(problems({ url, table: 'users', query: 'select 1' })[0], /users\.postgres: expected either/);
    assert.match(problems({ table: 'users' })[0], /got nothing; set CHURN_SOURCES_USERS_POSTGRES_URL/);
    assert.match(
      problems({ url: 'mysql://u:secret@h/d', table: 'users' })[0],
      /^(?!.*secret).*got something else/,
    );
    const shown = JSON.stringify(
      publicConfig(configSchema.parse(settings({ table: 'users' }, { table: 'events' }))),
    );
    assert.ok(shown.includes('churn:***@') && !/se%3Acr|se:cr/.test(shown));
  });

  for (const [when, query] of [
    ['while rows come', 'select i as user_id, now() as signup_date from generate_series(1, 100000000) as i'],
    ['while the server works', 'select 1 as user_id, now() as signup_date, pg_sleep(60)::text as x'],
  ]) {
    it(`stops ${when}, and leaves nothing`, async () => {
      const { readPostgresOnce } = await import('../../../src/data/source/postgres.js');
      const project = await testProject({});
      const controller = new AbortController();
      const engine = {
        ...project.engine,
        once: <T>(key: string, make: (folder: () => Promise<string>, signal?: AbortSignal) => Promise<T>) =>
          project.engine.once(key, (folder) => make(folder, controller.signal)),
      };
      const source = { from: { url, query }, ids: [], key: 'sources.users' };
      const started = performance.now();
      setTimeout(() => controller.abort(), 500);
      await assert.rejects(readPostgresOnce(engine, source, [source]), coded('work.cancelled', 1, /stop/));
      assert.ok(performance.now() - started < 20_000, 'at once, not when the query is done');
      await project.close();
    });
  }
});
