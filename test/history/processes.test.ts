import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import type { History } from '../../src/history/history.js';
import { folderFor, openAt } from './place.js';

const WORKER = join(import.meta.dirname, 'worker.js');

function startWorker(folder: string, name: string, operations: number): ChildProcess {
  const args = [WORKER, join(folder, 'history.db'), name, String(operations), logOf(folder, name)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

const logOf = (folder: string, name: string) => join(folder, `${name}.log`);

/** What a worker was told is done, by kind. */
function acknowledged(folder: string, names: string[]): Record<string, string[]> {
  const lines = names.flatMap((name) => readFileSync(logOf(folder, name), 'utf8').trim().split('\n'));
  const done: Record<string, string[]> = { run: [], report: [], move: [], finished: [], conflict: [] };
  for (const [kind, what] of lines.map((line) => line.split(' '))) {
    done[kind].push(what);
  }
  return done;
}

/** Every acknowledged write is there, and the champion's moves form one line from nothing to the present one. */
async function assertNothingLost(history: History, done: Record<string, string[]>): Promise<void> {
  const runs = await history.runs();
  const reports = await history.reports({});
  const moves = (await history.aliasMoves({ alias: 'champion' })).toReversed();
  const holds = (all: Iterable<string | null>, wanted: string[]) => {
    const set = new Set(all);
    assert.deepEqual(
      wanted.filter((one) => !set.has(one)),
      [],
    );
  };
  holds(
    runs.map((run) => run.id),
    done.run,
  );
  holds(
    runs.filter((run) => run.status === 'ok').map((run) => run.id),
    done.finished,
  );
  holds(
    reports.map((report) => report.id),
    done.report,
  );
  holds(
    moves.map((move) => move.to),
    done.move,
  );
  const ends = [null, ...moves.map((move) => move.to)];
  assert.deepEqual(
    moves.map((move) => move.from),
    ends.slice(0, -1),
  );
  assert.equal(await history.alias('champion'), ends.at(-1));
}

it('loses nothing when four processes write at once, and every champion follows the one before', async (test) => {
  const folder = await folderFor(test);
  const names = ['a', 'b', 'c', 'd'];
  const workers = names.map((name) => startWorker(folder, name, 100));
  const exits = await Promise.all(workers.map((worker) => once(worker, 'exit')));
  assert.deepEqual(
    exits.map(([code]) => code),
    [0, 0, 0, 0],
  );
  const history = await openAt(join(folder, 'history.db'));
  const done = acknowledged(folder, names);
  await assertNothingLost(history, done);
  assert.equal((await history.runs()).length, 100);
  assert.equal((await history.reports({})).length, 100);
  assert.equal((await history.aliasMoves()).length, done.move.length);
  assert.equal(done.move.length + done.conflict.length, 100);
  await history.close();
});

it('keeps every acknowledged write over SIGKILL at any moment, and shows which run died', async (test) => {
  const folder = await folderFor(test);
  const names: string[] = [];
  const dead: number[] = [];
  for (const delay of [30, 110, 70]) {
    const pair = [`x${delay}`, `y${delay}`];
    const workers = pair.map((name) => startWorker(folder, name, 100_000));
    await Promise.all(pair.map((name) => untilWritten(folder, name)));
    await sleep(delay);
    workers.forEach((worker) => {
      worker.kill('SIGKILL');
    });
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    names.push(...pair);
    dead.push(...workers.map((worker) => worker.pid!));
  }
  const path = join(folder, 'history.db');
  const history = await openAt(path);
  await assertNothingLost(history, acknowledged(folder, names));
  const running = (await history.runs()).filter((run) => run.status === 'running');
  assert.ok(running.length <= dead.length);
  running.forEach((run) => {
    assert.equal(run.alive, false);
    assert.ok(dead.includes(run.process.id));
    assert.equal(run.finished_at, null);
  });
  await history.close();
  const database = new Database(path);
  assert.deepEqual(database.prepare('PRAGMA integrity_check').all(), [{ integrity_check: 'ok' }]);
  database.close();
});

async function untilWritten(folder: string, name: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    try {
      readFileSync(logOf(folder, name));
      return;
    } catch {
      await sleep(10);
    }
  }
  assert.fail(`the worker ${name} wrote nothing within 10 seconds`);
}
