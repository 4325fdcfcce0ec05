import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, it } from 'node:test';
import { loadConfig } from '../../src/config/load.js';
import { ChurnError } from '../../src/error.js';
import { recorded } from '../../src/jobs/record.js';
import { type OpenOptions, openProject, type Project } from '../../src/open.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';
import { cleanUp, newFolder, writeConfig } from './project.js';

let server: PostgresServer;
let folder: string;
const opened: Project[] = [];
before(async () => {
  server = await startPostgres();
  folder = await newFolder();
  await writeConfig(folder, { history: { url: await server.newDatabase(), lease_seconds: 1 } });
});
after(async () => {
  await Promise.all(opened.map((project) => project.close()));
  await server.remove();
  await cleanUp();
});

async function open(options: OpenOptions = {}): Promise<Project> {
  const project = await openProject(await loadConfig({ folder, environment: {} }), options);
  opened.push(project);
  return project;
}

it('jobs of several hosts come one after the other, and who waits is told for whom', async () => {
  const told: string[] = [];
  const [mine, theirs] = [
    await open(),
    await open({ patienceSeconds: 0.3, onWait: (text) => told.push(text) }),
  ];
  await recorded(mine, { command: 'train' }, async () => {
    await assert.rejects(
      recorded(theirs, { command: 'score' }, async () => ({ value: null })),
      { code: 'lock.held', message: new RegExp(`process ${process.pid} on .*, since 20`) },
    );
    return { value: null };
  });
  assert.match(told[0], /waiting for `train`/);
  assert.equal(await recorded(theirs, { command: 'score' }, async () => ({ value: 'now' })), 'now');
});

it('a job that loses its lease is stopped, writes nothing more, and is recorded as failed for that reason', async () => {
  const [slow, other] = [await open(), await open()];
  let moved: unknown = null;
  const job = recorded(slow, { command: 'slow' }, async (run) => {
    server.sql('update leases set expires_at = 0', 'history_1');
    await recorded(other, { command: 'heir' }, async () => {
      if (!slow.signal.aborted) {
        await once(slow.signal, 'abort');
      }
      const move = { run, alias: 'champion', from: null, to: 'v1', because: 'late' } as const;
      moved = await slow.history.moveAlias(move).catch((error) => error);
      return { value: null };
    });
    throw new ChurnError('work.cancelled', { expected: 'the end', came: 'a request to stop' });
  });
  await assert.rejects(job, { code: 'lease.lost', exitCode: 74 });
  assert.ok(moved instanceof ChurnError && moved.code === 'lease.lost');
  const [run] = await other.history.runs({ command: 'slow' });
  assert.deepEqual([run.status, run.error?.code], ['failed', 'lease.lost']);
  assert.equal((await other.history.runs({ command: 'heir' }))[0].status, 'ok');
  assert.equal(await other.history.alias('champion'), null);
});

it('a job that ends after it lost its lease without knowing is not recorded as done', async () => {
  const [slow, other] = [await open(), await open()];
  const job = recorded(slow, { command: 'blind' }, async () => {
    server.sql('update leases set expires_at = 0', 'history_1');
    await recorded(other, { command: 'quick' }, async () => ({ value: null }));
    return { value: null };
  });
  await assert.rejects(job, { code: 'lease.lost' });
  assert.equal((await other.history.runs({ command: 'blind' }))[0].status, 'failed');
});
