import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ChurnError } from '../../../src/error.js';
import { cacheFolder, ensureLibrary, findLibrary } from '../../../src/model/trainer/library.js';

const folder = await mkdtemp(join(tmpdir(), 'churn-library-'));
after(() => rm(folder, { recursive: true }));

/** No library anywhere, and nothing to fetch one with. */
const bare = { CHURN_CACHE: folder, PATH: folder };

function isMissing(...texts: RegExp[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChurnError && error.code === 'library.missing', String(error));
    for (const text of texts) {
      assert.match(error.message, text);
    }
    return true;
  };
}

test('the library is there, or fetched once, and then found with its version', async () => {
  const ensured = await ensureLibrary();
  const found = await findLibrary();
  assert.equal(found?.path, ensured.path);
  assert.match(found!.version, /^\d+\.\d+\.\d+$/);
});

test('a library that is named is taken', async () => {
  const { path } = await ensureLibrary();
  const found = await findLibrary({ ...bare, CHURN_XGBOOST_LIBRARY: path });
  assert.equal(found?.origin, 'environment');
});

test('a named library that cannot be used is an error, not passed over', async () => {
  const path = join(folder, 'not-a-library.so');
  await assert.rejects(findLibrary({ CHURN_XGBOOST_LIBRARY: path }), isMissing(/no .*not-a-library/));
  await writeFile(path, 'text');
  await assert.rejects(
    findLibrary({ CHURN_XGBOOST_LIBRARY: path }),
    isMissing(/does not load/, /CHURN_XGBOOST_LIBRARY/),
  );
});

test('nothing found and no way to fetch it: every place is named, and what to do', async (context) => {
  if ((await findLibrary(bare)) !== null) {
    context.skip('this system has a libxgboost in its own folders');
    return;
  }
  await assert.rejects(
    ensureLibrary(undefined, bare),
    isMissing(/cache: no /, /python: none/, /system: none/, /no python3/, /pip install xgboost/),
  );
});

test('the cache is where it is told to be', () => {
  assert.equal(cacheFolder({ CHURN_CACHE: '/here' }), '/here');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/there' }), '/there/churn-mlops');
  assert.match(cacheFolder({}), /\.cache\/churn-mlops$/);
});
