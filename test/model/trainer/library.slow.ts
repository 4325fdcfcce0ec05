import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const libraryModule = new URL('../../../src/model/trainer/library.js', import.meta.url).href;

function fetchInProcess(cache: string): Promise<{ stdout: string }> {
  const script = `const { ensureLibrary } = await import('${libraryModule}');
    console.log(JSON.stringify(await ensureLibrary()));`;
  const env = { ...process.env, CHURN_CACHE: cache };
  return run(process.execPath, ['--input-type=module', '-e', script], { env });
}

test('three processes that fetch at once, over a broken copy, all end with a whole one', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'churn-fetch-'));
  try {
    const first = JSON.parse((await fetchInProcess(cache)).stdout);
    if (!['fetched', 'cache'].includes(first.origin)) {
      return;
    }
    await writeFile(first.path, 'cut short');
    const answers = await Promise.all([1, 2, 3].map(() => fetchInProcess(cache)));
    for (const { stdout } of answers) {
      assert.equal(JSON.parse(stdout).version, first.version);
    }
    const names = await readdir(cache);
    assert.equal(names.length, 1, names.join(' '));
  } finally {
    await rm(cache, { recursive: true });
  }
});
