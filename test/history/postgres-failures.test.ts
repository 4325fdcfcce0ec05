import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { ChurnError } from '../../src/error.js';
import type { History } from '../../src/history/history.js';
import { openPostgresHistory, type PostgresHistoryOptions } from '../../src/history/postgres/open.js';
import { withCode } from '../contract/assertions.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';
import { startProxy } from '../servers/proxy.js';

const AT = '2025-01-01T00:00:00.000Z';

describe('when the server of the history fails', () => {
  let server: PostgresServer;
  let url: string;
  before(async () => {
    server = await startPostgres();
    url = await server.newDatabase();
  });
  after(() => server.remove());

  async function open(test: TestContext, options: Partial<PostgresHistoryOptions> = {}): Promise<History> {
    const history = await openPostgresHistory({ url, clock: () => new Date(), ...options });
    test.after(() => history.close());
    return history;
  }

  async function proxied(test: TestContext) {
    const proxy = await startProxy(server.port);
    test.after(() => proxy.close());
    return { proxy, url: url.replace(`:${server.port}/`, `:${proxy.port}/`) };
  }

  it('does each write once although the answer to its commit is lost', async (test) => {
    const { proxy, url: through } = await proxied(test);
    const history = await open(test, { url: through });
    const lost = async <T>(work: () => Promise<T>): Promise<T> => {
      const before = proxy.swallowed();
      proxy.swallowNextCommit();
      const result = await work();
      assert.equal(proxy.swallowed(), before + 1, 'the answer was lost');
      return result;
    };
    const run = await lost(() => history.startRun({ command: 'once' }));
    const report = { run, kind: 'drift', at: null, version: null, status: 'OK', body: {} } as const;
    const id = await lost(() => history.addReport(report));
    await lost(() => history.moveAlias({ run, alias: 'champion', from: null, to: 'v1', because: 'x' }));
    const [posted] = await lost(() => history.post([{ kind: 'trigger', key: 't', body: {}, at: AT }]));
    const fence = await lost(() => history.acquireLease('once', 60));
    await lost(() => history.settle({ kind: 'trigger', positions: [1], run }, { fence }));
    const window = { from: '2025-01-01', to: '2025-01-02' };
    await lost(() => history.putProfile({ series: 's', window, body: 1 }));
    await lost(() => history.finishRun(run, { status: 'ok', exit_code: 0 }));
    assert.deepEqual(
      (await history.runs()).map((one) => [one.id, one.status]),
      [[run, 'ok']],
    );
    assert.deepEqual(
      (await history.reports({})).map((one) => one.id),
      [id],
    );
    assert.equal((await history.aliasMoves()).length, 1);
    assert.deepEqual(posted, { key: 't', position: 1, outcome: 'added' });
    assert.deepEqual(fence, { name: 'once', token: 1 });
    assert.equal((await history.entries({ kind: 'trigger' }))[0].settled?.run, run);
  });

  it('goes on by itself after restarts in order and as a crash, between and under its work', async (test) => {
    const history = await open(test);
    for (const how of ['fast', 'immediate'] as const) {
      await history.startRun({ command: how });
      await server.restart(how);
      await history.startRun({ command: how });
      const working = Array.from({ length: 8 }, () => history.startRun({ command: how }));
      await server.restart(how, 0.3);
      await Promise.all(working);
      assert.equal((await history.runs({ command: how })).length, 10);
    }
  });

  it('says at once that the server is away, when told not to wait, and is there again when that is', async (test) => {
    const history = await open(test, { patienceMilliseconds: 0, pool: { connectSeconds: 1 } });
    await history.aliases();
    await server.kill();
    const started = performance.now();
    await assert.rejects(
      history.aliases(),
      withCode('history.away', /an answer of the history postgres:\/\/churn:\*\*\*@/),
    );
    await assert.rejects(
      history.post([{ kind: 'trigger', key: 'x', body: {}, at: AT }]),
      withCode('history.away'),
    );
    assert.ok(performance.now() - started < 5000, 'two connections that are refused take no time');
    await server.start();
    await history.aliases();
    await history.aliases();
  });

  it('gives up a server that takes connections and answers nothing', async (test) => {
    const { proxy, url: through } = await proxied(test);
    const pool = { connectSeconds: 0.3, statementSeconds: 0.3 };
    const history = await open(test, { url: through, patienceMilliseconds: 0, pool });
    await history.aliases();
    proxy.freeze();
    await assert.rejects(history.aliases(), withCode('history.away'));
    await assert.rejects(history.aliases(), withCode('history.away'));
    proxy.thaw();
    assert.deepEqual(Object.keys(await history.aliases()), ['champion', 'challenger']);
  });

  it('waits for locks of others no longer than told', async (test) => {
    const pool = { lockSeconds: 0.2, statementSeconds: 20 };
    const history = await open(test, { patienceMilliseconds: 300, pool });
    const run = await history.startRun({ command: 'blocked' });
    const { default: pg } = await import('pg');
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query('begin');
    await other.query('select * from aliases for update');
    const from = await history.alias('challenger');
    const move = () => history.moveAlias({ run, alias: 'challenger', from, to: 'b', because: 'x' });
    await assert.rejects(move(), withCode('lock.held', /lock timeout/));
    await other.query('rollback');
    await other.end();
    await move();
  });

  it('names a wrong password, user, database or address as a mistake of the configuration, without the password', async (test) => {
    const secret = 'se:cr/et';
    const encoded = encodeURIComponent(secret);
    const wrong = [
      url.replace(encoded, 'hunter2'),
      url.replace('churn:', 'nobody:'),
      url.replace(/history_\d+$/, 'elsewhere'),
      url.replace('127.0.0.1', '127.0.0.1:bad'),
      `postgres://churn:${secret}@127.0.0.1/db`,
      `mysql://churn:${encoded}@127.0.0.1/db`,
    ];
    for (const one of wrong) {
      await assert.rejects(open(test, { url: one }), (error) => {
        assert.ok(error instanceof ChurnError && error.code === 'config.invalid', String(error));
        const shown = inspect(error, { depth: 9, showHidden: true });
        for (const password of ['hunter2', secret, encoded]) {
          assert.ok(!shown.includes(password), shown);
        }
        return true;
      });
    }
  });

  it('leaves the tables of another program alone', async (test) => {
    const other = await server.newDatabase();
    server.sql('create table notes (text text)', other.split('/').at(-1));
    await assert.rejects(open(test, { url: other }), withCode('input.unreadable', /other tables \(notes/));
  });

  it('uses no more connections than it is given, however much is asked at once', async (test) => {
    const history = await open(test, { pool: { connections: 2 } });
    const database = url.split('/').at(-1)!;
    const used = () => `select count(*) from pg_stat_activity where datname = '${database}'`;
    const work = Promise.all(Array.from({ length: 60 }, () => history.startRun({ command: 'many' })));
    assert.ok(Number(server.sql(used())) <= 2);
    await work;
    assert.equal(Number(server.sql(used())), 2);
  });
});
