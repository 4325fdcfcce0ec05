import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openPostgresHistory } from '../../src/history/postgres/open.js';
import { openSqliteHistory } from '../../src/history/sqlite/open.js';
import { fill } from '../contract/transfer.js';
import { call, cleanUp, newFolder } from '../jobs/project.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';
import { runCli } from './run-cli.js';

const PASSWORDS = ['se:cr/et', encodeURIComponent('se:cr/et')];

describe('the commands around the history', () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    await server.remove();
    await cleanUp();
  });

  async function place() {
    const folder = await newFolder();
    await writeFile(join(folder, 'churn.yaml'), '');
    const url = await server.newDatabase();
    const environment = { CHURN_HISTORY_URL: url };
    const on = async (args: string[], more: NodeJS.ProcessEnv = {}) => {
      const called = await call(folder, args, { ...environment, ...more });
      PASSWORDS.forEach((password) => {
        assert.ok(!`${called.out}${called.err}`.includes(password), `${args.join(' ')} tells the password`);
      });
      return called;
    };
    return { folder, url, on };
  }

  it('an empty or older server is refused when told so, until migrate has run', async () => {
    const { on } = await place();
    const manual = { CHURN_HISTORY_MIGRATE: 'manual' };
    const refused = await on(['history'], manual);
    assert.equal(refused.code, 78);
    assert.match(refused.err, /run `churn-mlops migrate`/);
    const migrated = await on(['migrate', '--json'], manual);
    assert.equal(migrated.code, 0);
    const { applied, history } = migrated.json<{ applied: { name: string }[]; history: string }>();
    assert.deepEqual(
      applied.map(({ name }) => name),
      ['initial', 'many-replicas'],
    );
    assert.match(history, /^postgres:\/\/churn:\*\*\*@127\.0\.0\.1:\d+\/history_\d+$/);
    assert.deepEqual((await on(['migrate', '--json'])).json<{ applied: [] }>().applied, []);
    assert.equal((await on(['history', '--json'], manual)).code, 0);
  });

  it('a history moves from SQLite to a server and comes back the same', async () => {
    const { folder, url, on } = await place();
    const path = join(folder, 'artifacts', 'history.db');
    const history = await openSqliteHistory({ path, clock: () => new Date() });
    await fill(history, 30);
    await history.close();
    const out = await call(folder, ['history', 'export', 'a.jsonl']);
    assert.equal(out.code, 0, out.err);
    assert.equal((await on(['history', 'import', 'a.jsonl'])).code, 0);
    assert.equal((await on(['history', 'export', 'b.jsonl', '--json'])).code, 0);
    assert.equal(
      await readFile(join(folder, 'b.jsonl'), 'utf8'),
      await readFile(join(folder, 'a.jsonl'), 'utf8'),
    );
    const again = await on(['history', 'import', 'a.jsonl', '--json']);
    assert.equal(again.code, 74);
    assert.equal(again.json<{ error: { code: string } }>().error.code, 'history.conflict');
    const missing = await on(['history', 'import', 'nowhere.jsonl']);
    assert.equal(missing.code, 74, 'not empty comes first');
    const text = await readFile(join(folder, 'a.jsonl'), 'utf8');
    await writeFile(join(folder, 'cut.jsonl'), text.slice(0, text.length / 2));
    const elsewhere = { CHURN_HISTORY_URL: 'sqlite:elsewhere.db' };
    assert.equal((await on(['history', 'import', 'nowhere.jsonl'], elsewhere)).code, 66);
    assert.equal((await on(['history', 'import', 'cut.jsonl'], elsewhere)).code, 65);
    assert.equal((await on(['history', 'import', 'a.jsonl'], elsewhere)).code, 0);
    for (const wrong of [
      ['history', 'export'],
      ['history', 'tidy', 'x'],
      ['history', 'mend'],
    ]) {
      assert.equal((await on(wrong)).code, 64, wrong.join(' '));
    }
    const there = await openPostgresHistory({ url, clock: () => new Date() });
    assert.equal(await there.alias('champion'), 'v1');
    await there.close();
  });

  it('no command prints a password: not the configuration, not an error, not with --verbose', async () => {
    const { on, url } = await place();
    assert.match((await on(['config'])).out, /postgres:\/\/churn:\*\*\*@127/);
    assert.equal((await on(['config', '--json'])).code, 0);
    const wrong = [
      [url.replace('history_', 'nothing_'), 78],
      [`postgres://churn:${PASSWORDS[0]}@127.0.0.1:1/db`, 78],
      [`postgres://churn:${PASSWORDS[1]}@127.0.0.1:1/db`, 74],
      [`mysql://churn:${PASSWORDS[1]}@127.0.0.1/db`, 78],
    ] as const;
    for (const [CHURN_HISTORY_URL, code] of wrong) {
      const more = { CHURN_HISTORY_URL, CHURN_HISTORY_PATIENCE_SECONDS: '0' };
      assert.equal((await on(['history', '--verbose'], more)).code, code, CHURN_HISTORY_URL);
    }
  });

  it('a job runs under the lease, and a process ends by itself with connections open', async () => {
    const { folder, url, on } = await place();
    const done = await runCli(folder, ['history', 'tidy', '--json'], { CHURN_HISTORY_URL: url });
    assert.equal(done.code, 0, done.err);
    assert.equal((await on(['history', '--json'])).json<{ command: string }[]>()[0].command, 'history tidy');
    assert.equal(
      server.sql("select token from leases where name = 'jobs' and holder is null", url.split('/').at(-1)),
      '1',
    );
  });
});
