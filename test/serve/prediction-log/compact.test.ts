import assert from 'node:assert/strict';
import { cp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Engine } from '../../../src/data/engine/engine.js';
import { ChurnError } from '../../../src/error.js';
import type { Lock } from '../../../src/history/lock.js';
import { compactPredictionLog } from '../../../src/serve/prediction-log/compact.js';
import { openPredictionLog } from '../../../src/serve/prediction-log/log.js';
import { ALWAYS, encoding, engineFor, folderFor, ids, logged, prediction } from './samples.js';

const day = '2026-03-01';

async function append(folder: string, ...numbers: number[]): Promise<void> {
  const log = openPredictionLog({ folder, ...ALWAYS });
  for (const number of numbers) {
    log.append(prediction(number), encoding);
    await log.flush();
  }
  await log.close();
}

async function filled(context: TestContext): Promise<{ folder: string; engine: Engine }> {
  const folder = await folderFor(context);
  await append(folder, 5, 3, 4, 1, 2);
  return { folder, engine: await engineFor(context) };
}

const ALL = ['r1', 'r2', 'r3', 'r4', 'r5'];

test('the segments of a day become one file with the same rows', async (context) => {
  const { folder, engine } = await filled(context);
  const before = await logged(engine, folder);
  const { files } = await compactPredictionLog({ engine, folder, day });
  assert.deepEqual(
    files.map(({ rows }) => rows),
    [5],
  );
  assert.deepEqual(await readdir(join(folder, day)), [files[0].path.split('/').at(-1)]);
  assert.deepEqual(await logged(engine, folder), before);
  assert.deepEqual((await compactPredictionLog({ engine, folder, day })).files, []);
  assert.deepEqual((await compactPredictionLog({ engine, folder, day: '2020-01-01' })).files, []);
});

test('segments that come later join the file of the day', async (context) => {
  const { folder, engine } = await filled(context);
  await compactPredictionLog({ engine, folder, day });
  await append(folder, 6);
  assert.deepEqual(await ids(engine, folder), [...ALL, 'r6']);
  await assert.rejects(compactPredictionLog({ engine: dying(engine, 'before'), folder, day }), /killed/);
  assert.deepEqual(await ids(engine, folder), [...ALL, 'r6'], 'with the earlier file moved aside');
  await compactPredictionLog({ engine, folder, day });
  assert.deepEqual(await ids(engine, folder), [...ALL, 'r6']);
  assert.equal((await readdir(join(folder, day))).length, 1);
});

/** An engine that is killed, as it were, before or after it has written the file. */
function dying(engine: Engine, when: 'before' | 'after'): Engine {
  return {
    ...engine,
    write: async (...request) => {
      if (when === 'after') {
        await engine.write(...request);
      }
      throw new Error('killed');
    },
  };
}

for (const when of ['before', 'after'] as const) {
  test(`a crash ${when} the file is there loses and doubles nothing`, async (context) => {
    const { folder, engine } = await filled(context);
    await assert.rejects(compactPredictionLog({ engine: dying(engine, when), folder, day }), /killed/);
    assert.deepEqual(await ids(engine, folder), ALL);
    await append(folder, 6);
    assert.deepEqual(await ids(engine, folder), [...ALL, 'r6']);
    await compactPredictionLog({ engine, folder, day });
    assert.deepEqual(await ids(engine, folder), [...ALL, 'r6']);
    assert.ok((await readdir(join(folder, day))).every((name) => name.startsWith('predictions-')));
  });
}

test('a crash while the segments are removed doubles nothing', async (context) => {
  const { folder, engine } = await filled(context);
  const kept = join(folder, 'kept');
  await cp(join(folder, day, 'open'), kept, { recursive: true });
  const { files } = await compactPredictionLog({ engine, folder, day });
  const mark = /predictions-(\w+)/.exec(files[0].path)?.[1];
  const closed = join(folder, day, `closed-${mark}`);
  await rename(kept, closed);
  await rm(join(closed, (await readdir(closed))[0]));
  assert.deepEqual(await ids(engine, folder), ALL);
  await compactPredictionLog({ engine, folder, day });
  assert.deepEqual(await ids(engine, folder), ALL);
  assert.equal((await readdir(join(folder, day))).length, 1);
});

/** A lock within this process. */
function inTurn(): Lock {
  let last = Promise.resolve();
  return {
    acquire: async () => {
      const before = last;
      let release = () => {};
      last = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return { signal: new AbortController().signal, release: async () => release() };
    },
  };
}

test('compactions at once, with a writer between them, lose and double nothing', async (context) => {
  const { folder, engine } = await filled(context);
  const log = openPredictionLog({ folder, ...ALWAYS });
  let writing = true;
  let number = 100;
  const lock = inTurn();
  const writer = (async () => {
    while (writing) {
      log.append(prediction(number++), encoding);
      await log.flush();
    }
  })();
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 4 }, () => compactPredictionLog({ engine, folder, day, lock })));
  }
  writing = false;
  await writer;
  await log.close();
  assert.equal(log.stats().failing, null);
  await compactPredictionLog({ engine, folder, day });
  const found = await ids(engine, folder);
  assert.equal(found.length, 5 + number - 100);
  assert.equal(new Set(found).size, found.length);
});

test('a broken segment is an error that keeps everything', async (context) => {
  const { folder, engine } = await filled(context);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(folder, day, 'open/x.parquet'), 'no parquet');
  await assert.rejects(compactPredictionLog({ engine, folder, day }), ChurnError);
  const [closed] = await readdir(join(folder, day));
  assert.equal((await readdir(join(folder, day, closed))).length, 6);
  await rm(join(folder, day, closed, 'x.parquet'));
  await compactPredictionLog({ engine, folder, day });
  assert.deepEqual(await ids(engine, folder), ALL);
});

test('the lock is held meanwhile and given back, also on failure', async (context) => {
  const { folder, engine } = await filled(context);
  let held = 0;
  const lock = {
    acquire: async () => {
      held++;
      return {
        signal: new AbortController().signal,
        release: async () => {
          held--;
        },
      };
    },
  };
  const watching: Engine = {
    ...engine,
    write: () => {
      assert.equal(held, 1);
      throw new Error('full');
    },
  };
  await assert.rejects(compactPredictionLog({ engine: watching, folder, day, lock }), /full/);
  assert.equal(held, 0);
});
