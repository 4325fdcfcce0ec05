import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { ChurnError } from '../../src/error.js';
import type { History } from '../../src/history/history.js';
import { openPostgresHistory } from '../../src/history/postgres/open.js';
import { readLine } from '../../src/history/transfer/lines.js';
import { addDays } from '../../src/time.js';
import { tickingClock } from '../contract/assertions.js';
import { fill, given, linesOf } from '../contract/transfer.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';
import { openAt } from './place.js';

describe('a history moves between SQLite and PostgreSQL', () => {
  let server: PostgresServer;
  let folder: string;
  let databases = 0;
  before(async () => {
    server = await startPostgres();
    folder = await mkdtemp(join(tmpdir(), 'churn-transfer-'));
  });
  after(async () => {
    await server.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const onSqlite = () => openAt(join(folder, `${databases++}.db`));
  const onPostgres = async () =>
    openPostgresHistory({ url: await server.newDatabase(), clock: tickingClock() });

  async function through(from: History): Promise<void> {
    const [postgres, sqlite] = [await onPostgres(), await onSqlite()];
    const first = await linesOf(from);
    await postgres.imported(given(first));
    const second = await linesOf(postgres);
    assert.deepEqual(second, first, 'SQLite to PostgreSQL');
    await sqlite.imported(given(second));
    assert.deepEqual(await linesOf(sqlite), first, 'PostgreSQL to SQLite');
    await Promise.all([postgres.close(), sqlite.close()]);
  }

  it('there and back, byte for byte', async () => {
    const history = await onSqlite();
    await fill(history, 500);
    await through(history);
    await history.close();
  });

  const text = fc.string({ unit: 'binary', maxLength: 12 }).map((some) => some.replaceAll('\0', ''));
  const action = fc.oneof(
    fc.record({
      what: fc.constant('run' as const),
      command: text,
      parented: fc.boolean(),
      early: fc.boolean(),
    }),
    fc.record({ what: fc.constant('report' as const), version: fc.option(text), body: fc.jsonValue() }),
    fc.record({ what: fc.constant('move' as const), to: fc.option(text), because: text }),
    fc.record({
      what: fc.constant('post' as const),
      key: text,
      subject: fc.option(text),
      body: fc.jsonValue(),
    }),
    fc.record({
      what: fc.constant('profile' as const),
      series: text,
      day: fc.nat(1000),
      body: fc.jsonValue(),
    }),
    fc.record({ what: fc.constant('lease' as const), name: text }),
  );

  it('there and back, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        // Runs that begin before their parent, by a clock that runs behind.
        const path = join(folder, `${databases++}.db`);
        const [history, behind] = [
          await openAt(path),
          await openAt(path, { clock: tickingClock('2020-01-01T00:00:00Z') }),
        ];
        let run = await history.startRun({ command: 'first' });
        for (const one of actions) {
          if (one.what === 'run') {
            const parent = one.parented ? run : null;
            run = await (one.early ? behind : history).startRun({ command: one.command, parent });
          } else if (one.what === 'report') {
            const { version, body } = one;
            await history.addReport({ run, kind: 'training', at: null, version, status: 'ok', body });
          } else if (one.what === 'move') {
            const from = await history.alias('champion');
            await history.moveAlias({ run, alias: 'champion', from, to: one.to, because: one.because });
          } else if (one.what === 'post') {
            const { key, subject, body } = one;
            await history.post([{ kind: 'outcome', key, subject, body, at: '2025-01-01T00:00:00Z' }]);
          } else if (one.what === 'profile') {
            const from = addDays('2025-01-01', one.day);
            await history.putProfile({
              series: one.series,
              window: { from, to: addDays(from, 1) },
              body: one.body,
            });
          } else {
            await history.acquireLease(one.name, 60);
          }
        }
        await through(history);
        await Promise.all([history.close(), behind.close()]);
      }),
      { numRuns: 12 },
    );
  });

  it('a damaged line is refused with one of our errors, whatever the damage', () => {
    const row = '{"inbox_kinds":{"kind":"trigger","last":3}}';
    fc.assert(
      fc.property(fc.nat(row.length), fc.nat(3), text, fc.jsonValue(), (at, cut, put, value) => {
        const damaged = row.slice(0, at) + put + row.slice(at + cut);
        for (const line of [damaged, JSON.stringify(value), JSON.stringify({ runs: value })]) {
          try {
            readLine(line, 2, 2);
          } catch (error) {
            assert.ok(error instanceof ChurnError, String(error));
          }
        }
      }),
    );
  });
});
