import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Proposal } from '../../src/data/discovery/proposal.js';
import { call, cleanUp, newFolder } from '../jobs/project.js';

describe('init --from', () => {
  let folder: string;
  before(async () => {
    folder = await newFolder();
    assert.equal((await call(folder, ['init', 'made'])).code, 0);
    const made = join(folder, 'made');
    const { code } = await call(made, ['generate', '--users', '150', '--days', '250', '--seed', '3']);
    assert.equal(code, 0);
  });
  after(cleanUp);

  it('proposes a configuration that runs, learns, scores and watches', async () => {
    const from = ['made/data/raw/events.parquet', 'made/data/raw/users.parquet'];
    const { code, out } = await call(folder, ['init', 'own', '--from', ...from]);
    assert.equal(code, 0);
    assert.match(out, /label\.horizon_days +\d+ +high/);
    const own = join(folder, 'own');
    const text = await readFile(join(own, 'churn.yaml'), 'utf8');
    assert.match(text, /files: "\.\.\/made\/data\/raw\/events\.parquet"/);
    for (const command of [['run'], ['train', '--trainer', 'linear'], ['promote'], ['score']]) {
      const ended = await call(own, command);
      assert.equal(ended.code, 0, `${command.join(' ')}: ${ended.err}`);
    }
    const drift = await call(own, ['drift', '--json']);
    assert.ok([0, 2, 3].includes(drift.code), drift.err);
    assert.match(drift.out, /"status"/);
  });

  it('gives the proposal as one document, with reasons, confidence and alternatives', async () => {
    const called = await call(folder, [
      'init',
      'told',
      '--json',
      '--from',
      'made/data/raw/users.parquet',
      'made/data/raw/events.parquet',
    ]);
    const { proposal } = called.json<{ proposal: Proposal }>();
    const keys = proposal.settings.map(({ path }) => path.join('.'));
    assert.ok(keys.includes('label.horizon_days') && keys.includes('features.static'));
    for (const { because, confidence, alternatives } of proposal.settings) {
      assert.ok(
        because.length > 5 && ['high', 'medium', 'low'].includes(confidence) && Array.isArray(alternatives),
      );
    }
    assert.deepEqual(
      proposal.files.map(({ role }) => role),
      ['events', 'users'],
    );
  });

  it('has a reason at every line that sets something', async () => {
    const lines = (await readFile(join(folder, 'told', 'churn.yaml'), 'utf8')).split('\n');
    const sets = lines
      .map((line, i) => ({ line, above: lines[i - 1] }))
      .filter(({ line }) => /^\s*[^#\s].*: \S/.test(line));
    assert.ok(sets.length > 20);
    assert.deepEqual(
      sets.filter(({ line, above }) => !/ {2}# \S/.test(line) && !/^\s*# \S/.test(above)),
      [],
    );
  });

  it('overwrites nothing unless forced, and writes nothing when the files are no good', async () => {
    const before = await readFile(join(folder, 'made', 'churn.yaml'), 'utf8');
    const again = await call(folder, ['init', 'made', '--from', 'made/data/raw/events.parquet']);
    assert.deepEqual([again.code, await readFile(join(folder, 'made', 'churn.yaml'), 'utf8')], [64, before]);
    const missing = await call(folder, ['init', 'made', '--force', '--from', 'nothing.csv']);
    assert.equal(missing.code, 66);
    assert.match(missing.err, /expected files to read; got nothing at .*nothing\.csv/);
    assert.equal(await readFile(join(folder, 'made', 'churn.yaml'), 'utf8'), before);
    const alone = await call(folder, ['init', 'made', '--force', '--from', 'made/data/raw/users.parquet']);
    assert.equal(alone.code, 65);
    assert.match(alone.err, /expected an event log: a column of users who come several times/);
    assert.equal(await readFile(join(folder, 'made', 'churn.yaml'), 'utf8'), before);
  });

  const wrong: [args: string[], code: number, message: RegExp][] = [
    [['init', 'x', '--from'], 64, /argument missing/],
    [['init', 'x', '--from', 'a.csv', '--preset', 'section-12'], 64, /expected --from or --preset; got both/],
    [['init', 'x', '--from', '.'], 64, /expected files; got the folder/],
    [['init', 'x', '--from', 'few.csv'], 65, /expected an event log/],
    [['init', 'x', '--from', 'none-*.csv'], 66, /got no such file/],
  ];
  for (const [args, code, message] of wrong) {
    it(`${args.slice(1).join(' ')} is one clear line`, async () => {
      await writeFile(join(folder, 'few.csv'), 'name,colour\na,red\nb,blue\n');
      const called = await call(folder, args);
      assert.equal(called.code, code, called.err);
      assert.match(called.err, message);
      assert.equal(called.err.trim().split('\n').length, 1, called.err);
    });
  }
});
