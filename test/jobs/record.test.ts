import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, it } from 'node:test';
import { ChurnError } from '../../src/error.js';
import { temporaryBeside } from '../../src/files.js';
import { recorded } from '../../src/jobs/record.js';
import { cleanUp, newProject, openIn } from './project.js';

after(cleanUp);

it('records what came out', async () => {
  const project = await newProject();
  const value = await recorded(project, { command: 'drift', at: '2025-01-01' }, async () => ({
    value: 7,
    reads: [{ path: 'a' }],
    writes: [{ path: 'b', rows: 3 }],
    result: { status: 'FAIL' },
    status: 'attention' as const,
  }));
  assert.equal(value, 7);
  const [run] = await project.history.runs();
  assert.deepEqual(
    [run.command, run.at, run.status, run.exit_code, run.reads, run.writes, run.result],
    ['drift', '2025-01-01', 'attention', 2, [{ path: 'a' }], [{ path: 'b', rows: 3 }], { status: 'FAIL' }],
  );
});

it('records errors with the day the job had found by then, and throws them on', async () => {
  const project = await newProject();
  const fail = async (error: unknown) => {
    const job = { command: 'train', at: null as string | null };
    await assert.rejects(
      recorded(project, job, async () => {
        job.at = '2025-02-03';
        throw error;
      }),
      (thrown) => thrown === error,
    );
    return (await project.history.runs({ limit: 1 }))[0];
  };
  const known = await fail(new ChurnError('data.empty', { expected: 'rows', came: 'none' }));
  assert.deepEqual(
    [known.status, known.exit_code, known.error?.code, known.at],
    ['failed', 65, 'data.empty', '2025-02-03'],
  );
  const few = await fail(new ChurnError('data.insufficient', { expected: 'rows', came: 'none' }));
  assert.deepEqual([few.status, few.exit_code], ['insufficient', 3]);
  const bug = await fail(new TypeError('oops'));
  assert.deepEqual([bug.status, bug.exit_code, bug.error], ['failed', 1, { code: 'crash', message: 'oops' }]);
});

it('jobs of one project come one after the other, parts work under the lock of their job', async () => {
  const project = await newProject();
  const other = await openIn(project.root);
  const seen: string[] = [];
  const job = (on: typeof project, name: string) =>
    recorded(on, { command: name }, async (run) => {
      seen.push(`${name} begins`);
      await recorded(on, { command: `part of ${name}`, parent: run }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { value: null };
      });
      seen.push(`${name} ends`);
      return { value: null };
    });
  await Promise.all([job(project, 'a'), job(other, 'b'), job(project, 'c')]);
  assert.equal(seen.length, 6);
  for (let i = 0; i < seen.length; i += 2) {
    assert.equal(seen[i].split(' ')[0], seen[i + 1].split(' ')[0]);
  }
});

it('who waits is told for whom, and gives up in the end', async () => {
  const project = await newProject();
  const told: string[] = [];
  const other = await openIn(project.root, { patienceSeconds: 0.3, onWait: (message) => told.push(message) });
  await recorded(project, { command: 'train' }, async () => {
    await assert.rejects(
      recorded(other, { command: 'score' }, async () => ({ value: null })),
      { code: 'lock.held', exitCode: 74 },
    );
    return { value: null };
  });
  assert.equal(told.length, 1);
  assert.match(told[0], new RegExp(`waiting for \`train\` \\(process ${process.pid} on .*\\) to finish`));
  assert.equal(await recorded(other, { command: 'score' }, async () => ({ value: 'now' })), 'now');
});

it('waiting can be cancelled', async () => {
  const project = await newProject();
  const abort = new AbortController();
  const other = await openIn(project.root, { signal: abort.signal, onWait: () => abort.abort() });
  await recorded(project, { command: 'train' }, async () => {
    await assert.rejects(
      recorded(other, { command: 'score' }, async () => ({ value: null })),
      { code: 'work.cancelled' },
    );
    return { value: null };
  });
});

it('a job sweeps up what killed ones left, and nothing else', async () => {
  const project = await newProject();
  const dead = 2 ** 22 + 1;
  const folder = join(project.root, 'data', 'features');
  await mkdir(join(project.root, 'data', '.spill'), { recursive: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `.a.parquet.tmp-${dead}-0123456789ab`), '');
  const mine = temporaryBeside(join(folder, 'b.parquet'));
  await writeFile(mine, '');
  // Of the process that had this id before, as in a container that was begun again.
  await writeFile(`${mine.slice(0, -8)}01234567`, '');
  await writeFile(join(folder, 'mine.parquet'), '');
  await writeFile(join(project.root, 'data', '.spill', 'duckdb_temp_storage_DEFAULT-0.tmp'), '');
  await recorded(project, { command: 'score' }, async () => ({ value: null }));
  assert.deepEqual((await readdir(folder)).toSorted(), [basename(mine), 'mine.parquet']);
  assert.deepEqual(await readdir(join(project.root, 'data', '.spill')), []);
});
