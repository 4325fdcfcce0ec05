import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sha256OfFile } from '../../src/files.js';
import { runCli } from '../cli/run-cli.js';
import { cleanUp, newFolder, QUICK, writeConfig } from '../jobs/project.js';
import { isTemporary } from './snapshot.js';

async function assertNoTemporaries(folder: string): Promise<void> {
  assert.deepEqual((await readdir(folder, { recursive: true })).filter(isTemporary), []);
}

/** Two processes at once in one folder; their exit codes, sorted, and what they wrote to standard error. */
async function both(folder: string, first: string[], second: string[], environment: NodeJS.ProcessEnv = {}) {
  const ended = await Promise.all([first, second].map((args) => runCli(folder, args, environment)));
  await assertNoTemporaries(folder);
  return { codes: ended.map(({ code }) => code).sort(), err: ended.map(({ err }) => err).join('') };
}

describe('two commands at once', () => {
  after(cleanUp);

  it('two inits leave one whole configuration', async () => {
    const folder = await newFolder();
    const { codes, err } = await both(folder, ['init'], ['init', '--preset', 'section-12']);
    assert.ok(codes[0] === 0 && [0, 64].includes(codes[1] as number), err);
    const config = await runCli(folder, ['config', '--json']);
    assert.equal(config.code, 0, config.err);
  });

  it('two generators take turns: users and events are of the same one, and who waits says for whom', async () => {
    const [folder, alone] = [await newFolder(), await newFolder()];
    const generate = (seed: string) => ['generate', '--users', '300', '--days', '200', '--seed', seed];
    for (const place of [folder, alone]) {
      await writeConfig(place, QUICK);
    }
    const hashes = (place: string) =>
      Promise.all(['users', 'events'].map((name) => sha256OfFile(join(place, `data/raw/${name}.parquet`))));
    const { codes, err } = await both(folder, generate('1'), generate('2'));
    assert.deepEqual(codes, [0, 0], err);
    assert.match(
      err,
      /^waiting for (`generate` \(process \d+ on \S+, since .*\)|another job) to finish \.\.\.\n$/,
    );
    const left = await hashes(folder);
    const expected = [];
    for (const seed of ['1', '2']) {
      await runCli(alone, generate(seed));
      expected.push(await hashes(alone));
    }
    assert.ok(
      expected.some((one) => JSON.stringify(one) === JSON.stringify(left)),
      'a mixture of both',
    );
  });

  it('two profiles of one name: the file is whole, and one of the two', async () => {
    const folder = await newFolder();
    const table = (value: string) =>
      `n,plan\n${Array.from({ length: 500 }, (_, i) => `${i},${value}`).join('\n')}\n`;
    await writeFile(join(folder, 'a.csv'), table('free'));
    await writeFile(join(folder, 'b.csv'), table('paid'));
    const { codes, err } = await both(
      folder,
      ['profile', 'a.csv', '--out', 'p.json'],
      ['profile', 'b.csv', '--out', 'p.json'],
    );
    assert.deepEqual(codes, [0, 0], err);
    const text = await readFile(join(folder, 'p.json'), 'utf8');
    JSON.parse(text);
    assert.equal(text.includes('free'), !text.includes('paid'));
  });

  it('of two imports into an empty history one is refused, and none is mixed; two migrations both end well', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'data'));
    await writeConfig(folder, {});
    const migrated = await both(folder, ['migrate'], ['migrate']);
    assert.deepEqual(migrated.codes, [0, 0], migrated.err);
    for (let i = 0; i < 2; i++) {
      assert.equal((await runCli(folder, ['history', 'tidy'])).code, 0);
    }
    assert.equal((await runCli(folder, ['history', 'export', 'all.jsonl'])).code, 0);
    const elsewhere = { CHURN_HISTORY_URL: 'sqlite:elsewhere.db' };
    const line = ['history', 'import', 'all.jsonl'];
    const imported = await both(folder, line, line, elsewhere);
    assert.deepEqual(imported.codes, [0, 74], imported.err);
    const runs = await runCli(folder, ['history', '--json'], elsewhere);
    assert.equal((JSON.parse(runs.out) as unknown[]).length, 2);
  });
});
