import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { COMMANDS, loadCommands } from '../../src/cli/commands/index.js';
import type { Project } from '../../src/open.js';
import { PROGRAM_VERSION } from '../../src/version.js';
import { call, championProject, cleanUp, copyOf, newFolder, STORY, writeConfig } from '../jobs/project.js';
import { MAIN, runCli } from './run-cli.js';

const ESCAPE = '\u001b';

const commands = await loadCommands();

describe('help', () => {
  it('every verb is listed under the name that it has', () => {
    assert.deepEqual(
      commands.map(({ name }) => name),
      Object.keys(COMMANDS),
    );
  });

  for (const command of commands) {
    it(`${command.name} has help with examples that begin with the command`, async () => {
      const { code, out, err } = await call('/', [command.name, '--help']);
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, /\nExamples\n {2}\S/);
      for (const option of command.options ?? []) {
        assert.ok(out.includes(option.flags), option.flags);
      }
      for (const example of command.examples) {
        assert.match(example, new RegExp(`^(CHURN_\\w+=\\S+ )?churn-mlops ${command.name}( |$)`));
        assert.ok(out.includes(example));
      }
    });
  }

  it('lists every command, and needs none of the native libraries', async () => {
    const { code, out } = await call('/', []);
    assert.equal(code, 0);
    for (const { name, summary } of commands) {
      assert.ok(out.includes(name) && out.includes(summary.slice(0, 20)), name);
    }
    assert.equal((await call('/', ['--version'])).out, `${PROGRAM_VERSION}\n`);
    const loaded = await promisify(execFile)(process.execPath, [MAIN, '--help'], {
      env: { ...process.env, NODE_DEBUG: 'esm,module' },
      maxBuffer: 1e8,
    });
    const heavy = ['@duckdb', 'onnxruntime', 'koffi', 'libsql', 'protobufjs'].map(
      (name) => `node_modules/${name}`,
    );
    const bundled = readdirSync('dist/cli').filter((name) =>
      /^\/\/ node_modules\/(kysely|zod)\//m.test(readFileSync(join('dist/cli', name), 'utf8')),
    );
    assert.ok(bundled.length > 0 && loaded.stderr.includes('dist/cli/main.js'));
    assert.deepEqual(
      [...heavy, ...bundled].filter((name) => loaded.stderr.includes(name)),
      [],
    );
  });
});

describe('wrong command lines', () => {
  after(cleanUp);

  const cases: [args: string[], message: RegExp][] = [
    [['trian'], /^churn-mlops: unknown command 'trian'; did you mean train\? \[usage\.invalid\]\n$/],
    [['drift', '--referense', 'a'], /unknown option '--referense'; did you mean --reference\? \[/],
    [['zzz'], /unknown command 'zzz'; see `churn-mlops --help` \[/],
    [['compare', 'a'], /missing required argument 'b'; see `churn-mlops compare --help` \[/],
    [['models', 'a', 'b'], /too many arguments/],
    [['score', '--date'], /argument missing/],
    [['generate', '--users', 'many'], /--users as a whole number from 1 on; got "many"/],
    [['generate', '--drift', 'shift'], /a drift as KIND@DATE/],
    [['generate', '--drift', 'shfit@2025-01-01'], /a kind of drift: shift, nulls/],
    [['drift', '--at', '2025-02-30'], /--at as YYYY-MM-DD; got "2025-02-30"/],
    [['score', '--date', 'yesterday'], /--date as YYYY-MM-DD; got "yesterday"/],
    [['drift', '--statistic', 'psy'], /--statistic psi/],
    [['drift', '--insufficient', 'never'], /--insufficient ok \| exit-3/],
    [['train', '--trainer', 'magic'], /--trainer xgboost \| linear/],
    [
      ['run', '--from', 'fetures'],
      /a step: validate, prepare, features, labels, training-set; got "fetures"/,
    ],
    [['run', '--from', 'labels', '--to', 'prepare'], /--from before --to/],
    [['history', '--limit', '0'], /--limit as a whole number from 1 on/],
  ];
  for (const [args, message] of cases) {
    it(`${args.join(' ')} ends with 64 and says what was expected`, async () => {
      const folder = await newFolder();
      await writeConfig(folder, {});
      const { code, out, err } = await call(folder, args);
      assert.equal(code, 64, err);
      assert.match(err, message);
      assert.equal(out, '');
      const json = await call(folder, [args[0], '--json', ...args.slice(1)]);
      const { error } = json.json<{ error: { code: string; exit: number; message: string } }>();
      assert.deepEqual([json.code, error.code, error.exit], [64, 'usage.invalid', 64]);
    });
  }
});

describe('configurations and places that are wrong', () => {
  after(cleanUp);

  it('none at all: 66 and what to do', async () => {
    const { code, err } = await call(await newFolder(), ['models']);
    assert.equal(code, 66);
    assert.match(err, /churn\.yaml in .* or a folder above it; got none; run `churn-mlops init`/);
    const named = await call(await newFolder(), ['models', '--config', 'other.yaml']);
    assert.equal(named.code, 66);
    assert.match(named.err, /other\.yaml/);
  });

  it('a mistake: 78 with file, line and the nearest name', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'churn.yaml'), 'format: csv\ndrift:\n  wran: 0.2\n');
    const { code, err } = await call(folder, ['models']);
    assert.equal(code, 78);
    assert.match(err, /churn\.yaml:3: drift\.wran: .*did you mean `warn`/);
    const variable = await call(folder, ['models'], { CHURN_FORMAT: 'xml' });
    assert.match(variable.err, /CHURN_FORMAT/);
  });

  it('artifacts that cannot be written: 74', async () => {
    const folder = await newFolder();
    await writeConfig(folder, { artifacts: 'file/artifacts' });
    await writeFile(join(folder, 'file'), 'no folder');
    const { code, err } = await call(folder, ['generate', '--users', '10', '--days', '5']);
    assert.equal(code, 74, err);
    assert.match(err, /expected to write .*file\/artifacts.*; got .*folder/);
  });

  it('missing sources: 66; a step without the one before it: 66', async () => {
    const folder = await newFolder();
    await writeConfig(folder, {});
    const validate = await call(folder, ['validate']);
    assert.equal(validate.code, 66);
    assert.match(validate.err, /churn-mlops generate/);
    const features = await call(folder, ['features']);
    assert.equal(features.code, 66);
    assert.match(features.err, /run `churn-mlops prepare` first/);
    const drift = await call(folder, ['drift']);
    assert.equal(drift.code, 66);
  });

  it('init writes what loads, and overwrites nothing unless forced', async () => {
    const folder = await newFolder();
    const first = await call(folder, ['init', 'mine', '--json']);
    assert.equal(first.code, 0);
    assert.equal(first.json().file, join(folder, 'mine', 'churn.yaml'));
    assert.equal((await call(join(folder, 'mine'), ['config'])).code, 0);
    const again = await call(folder, ['init', 'mine']);
    assert.equal(again.code, 64);
    assert.match(again.err, /--force/);
    assert.equal((await call(folder, ['init', 'mine', '--force', '--preset', 'section-12'])).code, 0);
    assert.match(await readFile(join(folder, 'mine', 'churn.yaml'), 'utf8'), /compat: section-12/);
  });
});

describe('output', () => {
  let project: Project;

  before(async () => {
    project = await championProject();
    await call(project.root, ['score', '--date', STORY.scored]);
  });
  after(cleanUp);

  const JSON_CALLS: string[][] = [
    ['config'],
    ['config', '--schema'],
    ['doctor'],
    ['validate'],
    ['run', '--from', 'labels', '--at', STORY.trained],
    ['train', '--at', STORY.trained, '--trainer', 'linear'],
    ['models'],
    ['models', 'champion'],
    ['promote', 'champion'],
    ['compare', 'champion', 'champion', '--at', STORY.trained],
    ['score', '--date', STORY.quiet],
    ['drift', '--at', STORY.noticed],
    ['evaluate', '--at', STORY.quiet],
    ['decide', '--at', STORY.quiet],
    ['retrain', '--if-needed', '--at', STORY.trained],
    ['history'],
    ['rollback'],
    ['generate', '--users', '20', '--days', '40'],
  ];

  it('--json is one JSON document on stdout and nothing on stderr but errors', async () => {
    const on = await copyOf(project);
    for (const args of JSON_CALLS) {
      const { code, json, out, err } = await call(on.root, [...args, '--json']);
      assert.doesNotThrow(json, `${args.join(' ')} printed ${out.slice(0, 200)}`);
      const { error } = json<{ error?: { exit: number } }>();
      assert.equal(err !== '', error !== undefined, `${args.join(' ')}: ${err}`);
      assert.equal(error?.exit ?? code, code);
    }
  });

  it('models --json lists the fields of commands.md', async () => {
    const [model] = (await call(project.root, ['models', '--json'])).json<Record<string, unknown>[]>();
    for (const field of ['version', 'aliases', 'created_at', 'trainer', 'data', 'measures']) {
      assert.ok(field in model, field);
    }
    assert.deepEqual(model.aliases, ['champion']);
    assert.deepEqual(Object.keys(model.data as object), ['from', 'to', 'rows']);
    const { pr_auc } = model.measures as Record<string, { value: number; interval: [number, number] }>;
    assert.ok(pr_auc.interval[0] < pr_auc.value && pr_auc.value < pr_auc.interval[1]);
  });

  it('people get tables on stdout; --quiet prints nothing', async () => {
    for (const args of [
      ['models'],
      ['models', 'champion'],
      ['history'],
      ['decide', '--at', STORY.quiet],
      ['config'],
    ]) {
      const { out, err } = await call(project.root, args);
      assert.ok(out.trim().split('\n').length >= 2, args.join(' '));
      assert.equal(err, '');
      assert.doesNotMatch(out, /undefined|NaN|\[object/);
      assert.equal((await call(project.root, [...args, '--quiet'])).out, '');
    }
  });

  it('run makes nothing again unless asked for, tells why, and records it', async () => {
    const on = await copyOf(project);
    type Report = {
      step: string;
      refreshed: { done: string; why: string; days?: { from: string; to: string }[] };
    }[];
    const first = await call(on.root, ['run', '--at', STORY.trained]);
    assert.equal(first.code, 0, first.err);
    const again = await call(on.root, ['run', '--at', STORY.trained, '--json']);
    assert.deepEqual(
      again.json<Report>().map(({ refreshed }) => refreshed.done),
      Array(5).fill('skipped'),
    );
    const days = `${STORY.trained}..${STORY.trained}`;
    const some = await call(on.root, ['run', '--at', STORY.trained, '--days', days, '--json']);
    assert.deepEqual(some.json<Report>()[1].refreshed.days, [{ from: STORY.trained, to: STORY.trained }]);
    const [recorded] = await on.history.runs({ command: 'prepare' });
    assert.deepEqual(recorded.result.refreshed, some.json<Report>()[1].refreshed);
    const all = await call(on.root, ['run', '--at', STORY.trained, '--force']);
    assert.match(all.out, /training-set +whole .*asked for/);
    assert.equal((await call(on.root, ['run', '--days', '2025-02-02'])).code, 64);
  });

  it('history and explain tell of a run and its parts', async () => {
    const on = await copyOf(project);
    await call(on.root, ['run', '--at', STORY.trained]);
    const [run] = await on.history.runs({ command: 'run' });
    const { code, out } = await call(on.root, ['explain', run.id.slice(0, 12)]);
    assert.equal(code, 0);
    for (const part of [
      'validate',
      'prepare',
      'features',
      'labels',
      'training-set',
      'training_dataset.parquet',
    ]) {
      assert.ok(out.includes(part), part);
    }
    const promotions = await on.history.runs({ command: 'promote' });
    const promoted = await call(on.root, ['explain', promotions[0].id]);
    assert.match(promoted.out, /champion: nobody -> \d{8}-\w+: there was no champion/);
    assert.equal((await call(on.root, ['explain', 'zzzz'])).code, 66);
  });

  it('a pipe and NO_COLOR get no escape codes', async () => {
    for (const environment of [{}, { NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const { out, err, code } = await runCli(project.root, ['drift', '--at', STORY.noticed], environment);
      assert.equal(code, 2);
      assert.ok(!out.includes(ESCAPE) && !err.includes(ESCAPE));
    }
  });

  it('`| head -1` is no error', async () => {
    const shell = `"${process.execPath}" "${MAIN}" history --limit 50 --json | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', shell], { cwd: project.root });
    assert.deepEqual([stdout, stderr], ['[\n0\n', '']);
  });

  it('a failure is one line; --verbose adds the stack', async () => {
    const on = await copyOf(project);
    await rm(on.registry.folder((await on.registry.list())[0].version), { recursive: true });
    const plain = await call(on.root, ['score']);
    assert.equal(plain.code, 66);
    assert.equal(plain.err.trim().split('\n').length, 1);
    assert.match(plain.err, /^churn-mlops: expected .* \[registry\.version_unknown\]\n$/);
    const verbose = await call(on.root, ['score', '--verbose']);
    assert.match(verbose.err, /\n {4}at /);
  });
});
