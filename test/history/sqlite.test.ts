import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import Database from 'libsql';
import { withCode } from '../contract/assertions.js';
import { historyContract } from '../contract/history.js';
import { folderFor, openAt, sqlitePlace } from './place.js';

historyContract('SQLite', sqlitePlace);

it('keeps everything over closing and opening again', async (test) => {
  const path = join(await folderFor(test), 'history.db');
  const first = await openAt(path);
  const run = await first.startRun({ command: 'train' });
  await first.moveAlias({ run, alias: 'champion', from: null, to: 'v1', because: 'first' });
  await first.close();
  const second = await openAt(path);
  assert.equal((await second.run(run)).command, 'train');
  assert.equal(await second.alias('champion'), 'v1');
  await second.close();
});

it('lets many processes open a new file at once', async (test) => {
  const path = join(await folderFor(test), 'history.db');
  const all = await Promise.all(Array.from({ length: 8 }, () => openAt(path)));
  await Promise.all(all.map((history) => history.startRun({ command: 'x' })));
  assert.equal((await all[0].runs()).length, 8);
  await Promise.all(all.map((history) => history.close()));
});

it('says that a damaged file is damaged', async (test) => {
  const folder = await folderFor(test);
  const path = join(folder, 'history.db');
  await writeFile(path, 'this is not a database '.repeat(500));
  await assert.rejects(openAt(path), withCode('input.unreadable', /restore it from a copy/));

  const cut = join(folder, 'cut.db');
  const history = await openAt(cut);
  const run = await history.startRun({ command: 'x' });
  const body = 'x'.repeat(200_000);
  await history.addReport({ run, kind: 'training', at: null, version: null, status: 'ok', body });
  await history.close();
  const copy = join(folder, 'copy.db');
  await copyFile(cut, copy);
  await truncate(copy, 100_000);
  await assert.rejects(
    (async () => {
      const opened = await openAt(copy);
      await opened.reports({}).finally(() => opened.close());
    })(),
    withCode('input.unreadable'),
  );
});

it("leaves another program's database alone", async (test) => {
  const path = join(await folderFor(test), 'other.db');
  const other = new Database(path);
  other.exec('create table notes (text)');
  other.close();
  await assert.rejects(openAt(path), withCode('input.unreadable', /other tables \(notes/));
});

it('says why a place cannot be used', async (test) => {
  const folder = await folderFor(test);
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(openAt(join(folder, 'file', 'history.db')), withCode('io.failed'));
  await mkdir(join(folder, 'history.db'));
  await assert.rejects(openAt(join(folder, 'history.db')), withCode('io.failed', /cannot be opened/));
});

it('fails with io.failed in a folder that may only be read', async (test) => {
  const folder = await folderFor(test);
  const path = join(folder, 'history.db');
  await (await openAt(path)).close();
  const before = await readFile(path);
  await chmod(path, 0o444);
  await chmod(folder, 0o555);
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const script = join(import.meta.dirname, 'open-once.js');
  const child = spawnSync(process.execPath, [script, path], { encoding: 'utf8', ...nobody });
  await chmod(folder, 0o755);
  if (child.stdout === '') {
    test.skip(`another user cannot run this program here: ${child.error ?? child.stderr.slice(0, 200)}`);
    return;
  }
  assert.match(child.stdout, /^io\.failed .*read-only|^io\.failed .*cannot be opened/);
  assert.deepEqual(await readFile(path), before);
});

it('fails with io.failed on a full disk, keeps what was there and goes on once there is room', async (test) => {
  const folder = await folderFor(test);
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'churn-test', folder]);
  if (mount.status !== 0) {
    test.skip('mounting a small file system is not permitted here');
    return;
  }
  const history = await openAt(join(folder, 'history.db'));
  try {
    const run = await history.startRun({ command: 'fill' });
    const body = 'x'.repeat(30_000);
    const add = () =>
      history.addReport({ run, kind: 'training', at: null, version: null, status: 'ok', body });
    let kept = 0;
    await assert.rejects(
      async () => {
        for (; ; kept++) {
          await add();
        }
      },
      withCode('io.failed', /disk/),
    );
    assert.equal((await history.reports({ run })).length, kept);
    spawnSync('mount', ['-o', 'remount,size=4m', folder]);
    await add();
    assert.equal((await history.reports({ run })).length, kept + 1);
  } finally {
    await history.close();
    spawnSync('umount', ['-l', folder]);
  }
});

it('gives up with lock.held when another process never lets go', async (test) => {
  const path = join(await folderFor(test), 'history.db');
  const history = await openAt(path, { patienceMilliseconds: 100 });
  const holder = new Database(path);
  holder.exec('BEGIN IMMEDIATE');
  await assert.rejects(history.startRun({ command: 'x' }), withCode('lock.held'));
  assert.deepEqual(await history.runs(), []);
  holder.exec('ROLLBACK');
  holder.close();
  await history.startRun({ command: 'x' });
  await history.close();
});
