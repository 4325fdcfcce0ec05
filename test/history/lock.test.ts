import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChurnError } from '../../src/error.js';
import type { History } from '../../src/history/history.js';
import { type LeaseLock, leaseLock } from '../../src/history/lease-lock.js';
import { openPostgresHistory } from '../../src/history/postgres/open.js';
import { sqliteLock } from '../../src/history/sqlite/lock.js';
import { withCode } from '../contract/assertions.js';
import { lockContract } from '../contract/lock.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';

async function holdElsewhere(place: string) {
  const program = join(import.meta.dirname, 'hold-lock.js');
  const child = spawn(process.execPath, [program, place], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    kill: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

lockContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'churn-lock-'));
  const path = join(folder, 'deep', 'jobs.lock');
  return {
    open: async (patienceSeconds) => sqliteLock(path, patienceSeconds),
    holdElsewhere: () => holdElsewhere(path),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});

describe('the lock of jobs on PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  const opened: History[] = [];
  before(async () => {
    server = await startPostgres();
    url = await server.newDatabase();
  });
  after(async () => {
    await Promise.all(opened.map((history) => history.close()));
    await server.remove();
  });

  const open = async (
    patienceSeconds: number,
    { leaseSeconds = 1, onLost = (_: ChurnError) => {}, patienceMilliseconds = 30_000 } = {},
  ): Promise<{ history: History; lock: LeaseLock }> => {
    const clock = () => new Date();
    const fence = () => lock.fence();
    const history = await openPostgresHistory({ url, clock, fence, patienceMilliseconds });
    opened.push(history);
    const lock: LeaseLock = leaseLock(history, { name: 'jobs', leaseSeconds, patienceSeconds, onLost });
    return { history, lock };
  };

  lockContract('PostgreSQL', async () => ({
    open: async (patienceSeconds) => (await open(patienceSeconds)).lock,
    holdElsewhere: () => holdElsewhere(url),
    remove: async () => undefined,
  }));

  it('is kept by its heartbeat for longer than the lease', async () => {
    const [mine, theirs] = [await open(30), await open(1.5)];
    const held = await mine.lock.acquire({});
    await assert.rejects(
      theirs.lock.acquire({}),
      withCode('lock.held', new RegExp(`process ${process.pid} on`)),
    );
    assert.equal(held.signal.aborted, false);
    await held.release();
  });

  it('tells a holder that was thought dead, and refuses what it writes', async () => {
    const losses: ChurnError[] = [];
    const [slow, other] = [await open(30, { onLost: (why) => losses.push(why) }), await open(30)];
    const held = await slow.lock.acquire({});
    const run = await slow.history.startRun({ command: 'slow' });
    // As if this process had been stopped for longer than its lease.
    server.sql('update leases set expires_at = 0', 'history_1');
    const heir = await other.lock.acquire({});
    await assert.rejects(
      slow.history.moveAlias({ run, alias: 'champion', from: null, to: 'v1', because: 'late' }),
      withCode('lease.lost'),
    );
    for (let tries = 0; losses.length === 0 && tries < 200; tries++) {
      await sleep(10);
    }
    assert.equal(losses.length, 1);
    assert.equal(held.signal.reason, losses[0]);
    assert.match(losses[0].message, /another process got it/);
    await other.history.moveAlias({ run, alias: 'champion', from: null, to: 'v2', because: 'heir' });
    await held.release();
    assert.ok(await other.history.lease('jobs'), 'a former holder takes nothing from the heir');
    await heir.release();
  });

  it('is lost when it cannot be renewed for its whole time', async () => {
    const losses: ChurnError[] = [];
    const { lock } = await open(30, { onLost: (why) => losses.push(why), patienceMilliseconds: 0 });
    const held = await lock.acquire({});
    await server.stop();
    for (let tries = 0; losses.length === 0 && tries < 500; tries++) {
      await sleep(10);
    }
    assert.match(held.signal.reason.message, /no answer to its renewal for 1 s/);
    await held.release();
    await server.start();
  });
});
