import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DemoAccount } from '../../src/cli/demo/story.js';
import type { DriftReport } from '../../src/monitor/drift/report.js';
import { cleanUp, newFolder } from '../jobs/project.js';
import { type Ended, runCli } from './run-cli.js';

describe('the demo', () => {
  let folder: string;
  let told: Ended;

  before(async () => {
    folder = await newFolder();
    told = await runCli(folder, ['demo', 'year']);
  });
  after(cleanUp);

  it('tells the whole loop for people', (test) => {
    assert.equal(told.code, 0, told.err);
    const quiet = told.out.indexOf('Check drift in a quiet month');
    const broken = told.out.indexOf('Check drift two weeks after the change');
    assert.match(told.out.slice(quiet, broken), /^OK {2}largest PSI/m);
    assert.match(told.out.slice(broken), /^FAIL {2}largest PSI/m);
    for (const part of [
      'Generate a year',
      'Train a candidate',
      'promoted',
      'matures on',
      'retrain',
      'Where everything lies',
    ]) {
      assert.ok(told.out.includes(part), part);
    }
    assert.doesNotMatch(told.out, /undefined|NaN/);
    assert.ok(!told.out.includes('\u001b'), 'escape codes in a pipe');
    test.diagnostic(told.out.match(/The whole loop took .* s/)?.[0] ?? 'no time told');
  });

  it('leaves every file that it names', async () => {
    const places = told.out.slice(told.out.indexOf('Where everything lies')).match(/year\/\S+/g) ?? [];
    assert.ok(places.length >= 8);
    await Promise.all(places.map((place) => access(join(folder, place))));
  });

  it('leaves a project to go on with: drift exits with 2, history tells', async () => {
    const year = join(folder, 'year');
    const drift = await runCli(year, ['drift', '--at', '2025-12-15', '--json']);
    assert.equal(drift.code, 2, drift.err);
    assert.equal((JSON.parse(drift.out) as DriftReport).status, 'FAIL');
    const history = await runCli(year, ['history', '--limit', '200']);
    for (const command of [
      'generate',
      'run',
      'train',
      'promote',
      'score',
      'evaluate',
      'drift',
      'decide',
      'retrain',
      'compare',
    ]) {
      assert.match(history.out, new RegExp(`\\b${command}\\b`));
    }
  });

  it('does not play in a folder with files, and prints one document when asked to', async () => {
    assert.equal((await runCli(folder, ['demo', 'year'])).code, 64);
    const json = await runCli(folder, ['demo', 'other', '--json']);
    assert.equal(json.code, 0, json.err);
    const account = JSON.parse(json.out) as DemoAccount;
    assert.ok(account.steps.length >= 10);
    assert.ok(account.steps.every(({ seconds }) => seconds >= 0));
  });
});
