import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type LoadedConfig, loadConfig } from '../../src/config/load.js';
import { configSchema } from '../../src/config/schema.js';
import { ChurnError } from '../../src/error.js';

async function load(text: string, environment: Record<string, string> = {}): Promise<LoadedConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-config-'));
  await writeFile(join(folder, 'churn.yaml'), text);
  return loadConfig({ folder, environment });
}

/** The lines of the complaint, without the folder: `churn.yaml:3: drift.wran: is not a key; ...`. */
async function complaints(text: string, environment: Record<string, string> = {}): Promise<string[]> {
  const error = await load(text, environment).then(
    () => assert.fail('the configuration was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ChurnError, String(error));
  assert.equal(error.code, 'config.invalid');
  assert.equal(error.exitCode, 78);
  return error.message
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/^\S*churn-config-[^/]*\//, ''));
}

describe('a configuration', () => {
  it('of nothing is the defaults', async () => {
    for (const text of ['', '# nothing\n', '{}']) {
      const { config, origins } = await load(text);
      assert.deepEqual(config, configSchema.parse({}));
      assert.deepEqual(origins, {});
    }
  });

  it('says where each value came from: file and line, or variable', async () => {
    const { config, origins, file, root } = await load(
      '# comment\ndata: here\ndrift:\n  warn: 0.05\n  fail: 0.2\n',
      {
        CHURN_DRIFT_WARN: '0.15',
        CHURN_HISTORY_URL: 'sqlite:elsewhere.db',
        CHURN_FEATURES_WINDOWS: '[7, 30]',
        CHURN_FEATURES_RATIOS: '{}',
        CHURN_SOURCES_EVENTS_FILES: '*.parquet',
        CHURN_DATA: '123',
        CHURN_TRAINING_SAMPLING: 'every_days: 5',
        CHURN_ENGINE_THREADS: '',
        CHURN_LABEL_HORIZON_DAYS: '14',
      },
    );
    assert.equal(config.drift.warn, 0.15);
    assert.equal(config.drift.fail, 0.2);
    assert.equal(config.history.url, 'sqlite:elsewhere.db');
    assert.deepEqual(config.features.windows, [7, 30]);
    assert.equal(config.sources.events.files, '*.parquet');
    assert.equal(config.data, '123');
    assert.deepEqual(config.training.sampling, { every_days: 5 });
    assert.equal(config.engine.threads, 2);
    assert.equal(config.label.kind, 'inactivity');
    assert.equal(config.label.horizon_days, 14);
    assert.equal(origins['drift.warn'], 'CHURN_DRIFT_WARN');
    assert.equal(origins['drift.fail'], `${file}:5`);
    assert.equal(origins['history.url'], 'CHURN_HISTORY_URL');
    assert.equal(origins['engine.threads'], undefined);
    assert.equal(root, file.replace('/churn.yaml', ''));
  });

  it('is found in the folder or above it, or by name', async () => {
    const top = await mkdtemp(join(tmpdir(), 'churn-config-'));
    const deep = join(top, 'a', 'b');
    await mkdir(deep, { recursive: true });
    await writeFile(join(top, 'churn.yaml'), 'data: top');
    await writeFile(join(top, 'other.yaml'), 'data: other');
    const found = await loadConfig({ folder: deep, environment: {} });
    assert.deepEqual([found.config.data, found.root], ['top', top]);
    await writeFile(join(top, 'a', 'churn.yaml'), 'data: nearer');
    assert.equal((await loadConfig({ folder: deep, environment: {} })).config.data, 'nearer');
    assert.equal(
      (await loadConfig({ file: 'other.yaml', folder: top, environment: {} })).config.data,
      'other',
    );
  });

  it('that is not there is missing input, with what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-none-'));
    for (const [file, pattern] of [
      [undefined, /churn\.yaml in .* or a folder above.*churn-mlops init/],
      ['none.yaml', /none\.yaml/],
    ] as const) {
      await assert.rejects(
        loadConfig({ file, folder, environment: {} }),
        (error: ChurnError) =>
          error.code === 'input.missing' && error.exitCode === 66 && pattern.test(error.message),
      );
    }
  });

  it('that is no YAML, or no map, is named with its line', async () => {
    for (const [text, pattern] of [
      ['data: x\ndrift: [1\n', /YAML in .*churn\.yaml:[23];/],
      ['data: x\ndata: y\n', /YAML in .*churn\.yaml:2; .*unique/],
      ['sources: {users: {files: *.csv }}\n', /churn\.yaml.*in quotes/],
      ['- a\n- b\n', /keys and values in .*churn\.yaml; got a list/],
      ['hello', /keys and values in .*churn\.yaml; got "hello"/],
    ] as const) {
      await assert.rejects(
        load(text),
        (error: ChurnError) => error.code === 'config.invalid' && pattern.test(error.message),
        text,
      );
    }
    await assert.rejects(
      load('', { CHURN_DRIFT_WARN: '[1' }),
      (error: ChurnError) =>
        error.code === 'config.invalid' && /YAML value in CHURN_DRIFT_WARN/.test(error.message),
    );
  });
});

describe('a wrong key', () => {
  it('is named with file and line, and the nearest known key', async () => {
    assert.deepEqual(await complaints('data: x\ndrfit:\n  warn: 1\n'), [
      'churn.yaml:2: drfit: is not a key; did you mean `drift`?',
    ]);
    assert.deepEqual(await complaints('drift:\n  significanse: 0.1\n\n  wran: 0.1\n'), [
      'churn.yaml:2: drift.significanse: is not a key; did you mean `significance`?',
      'churn.yaml:4: drift.wran: is not a key; did you mean `warn`?',
    ]);
    assert.deepEqual(await complaints('training:\n  zzz: 1'), [
      'churn.yaml:2: training.zzz: is not a key; known here: trainer, sampling, complete_windows, exclude, test_share, validation_share, purge_days, seed, rounds, early_stopping_rounds, calibrate, xgboost, linear',
    ]);
  });

  it('is found inside names of the own choice and inside alternatives', async () => {
    for (const [text, expected] of [
      [
        'features:\n  daily:\n    mine:\n      summ: watch_minutes',
        '4: features.daily.mine.summ: is not a key; did you mean `sum`?',
      ],
      [
        'features:\n  daily:\n    mine: {sum: a, off: b}',
        '3: features.daily.mine.off: is not a key; did you mean `of`?',
      ],
      [
        'sources:\n  users:\n    columns:\n      user_id: {sqll: x}',
        '4: sources.users.columns.user_id.sqll: is not a key; did you mean `sql`?',
      ],
      [
        'population:\n  active_within_day: 30',
        '2: population.active_within_day: is not a key; did you mean `active_within_days`?',
      ],
      [
        'population:\n  active_within_days: 30\n  where: TRUE',
        '3: population.where: does not go together with what else is set here',
      ],
      ['label:\n  kind: date\n  colunm: x', '3: label.colunm: is not a key; did you mean `column`?'],
      [
        'policy:\n  drift:\n    checks:\n      off: 3',
        '4: policy.drift.checks.off: is not a key; did you mean `of`?',
      ],
    ]) {
      assert.deepEqual(await complaints(text), [`churn.yaml:${expected}`]);
    }
  });
});

describe('a wrong value', () => {
  it('is named with what was expected and what came', async () => {
    for (const [text, expected] of [
      ['drift: {warn: high}', '1: drift.warn: expected number; got "high"'],
      ['format: parket', '1: format: expected parquet or csv; got "parket"; did you mean `parquet`?'],
      [
        'label: {kind: evnt}',
        '1: label.kind: expected inactivity or event or date; got "evnt"; did you mean `event`?',
      ],
      ['label:\n  kind: event', '1: label.events: is missing: expected map'],
      ['training: {test_share: 1.5}', '1: training.test_share: expected number to be <1; got 1.5'],
      [
        'training: {sampling: weekley}',
        '1: training.sampling: expected "all" or "weekly" or map; got "weekley"',
      ],
      ['features:\n  windows: []', '2: features.windows: expected list to have >=1 items; got []'],
      ['drift: 7', '1: drift: expected map; got 7'],
      ['engine: {memory: lots}', '1: engine.memory: a size such as 2GB; got "lots"'],
    ]) {
      assert.deepEqual(await complaints(text), [`churn.yaml:${expected}`]);
    }
  });

  it('from the environment is named by its variable', async () => {
    assert.deepEqual(await complaints('', { CHURN_DRIFT_WARN: 'high' }), [
      'CHURN_DRIFT_WARN: drift.warn: expected number; got "high"',
    ]);
  });

  it('does not hide the others', async () => {
    assert.equal((await complaints('format: x\ndrift: {warn: -1}\nzzz: 1')).length, 3);
  });
});

describe('settings that do not fit together', () => {
  const CASES: [text: string, expected: RegExp][] = [
    [
      'features:\n  rolling:\n    x: {sum: total_event}',
      /:3: features\.rolling\.x: "total_event" is no daily column; did you mean "total_events"\?/,
    ],
    [
      'features:\n  ratios:\n    r: {numerator: logins_7d, denominator: [events_8d]}',
      /:3: features\.ratios\.r: "events_8d" is no daily or rolling column; did you mean "events_7d"/,
    ],
    [
      'features:\n  ratios:\n    a: {numerator: logins_7d, denominator: [events_7d]}\n    b: {numerator: a, denominator: [events_7d]}',
      /:4: features\.ratios\.b: "a" is no/,
    ],
    [
      'population:\n  active_within_days: 10',
      /:2: population\.active_within_days: needs the column active_days_10d: add 10 to features\.windows/,
    ],
    ['features:\n  windows: [7, 30, 7]\n  ratios: {}', /:2: features\.windows: the same length stands twice/],
    ['features:\n  optional: [engagement]', /:2: features\.optional: "engagement" is no static column/],
    [
      'drift:\n  features: [active_days_7]',
      /:2: drift\.features: "active_days_7" is no column.*"active_days_7d"/,
    ],
    ['training:\n  exclude: [countri]', /:2: training\.exclude: "countri" .*"country"/],
    ['drift:\n  warn: 0.3', /:2: drift\.warn: must not be above drift\.fail \(0\.25\)/],
    [
      'policy:\n  drift:\n    checks: {of: 1, needed: 2}',
      /:3: policy\.drift\.checks\.needed: must not be above/,
    ],
    [
      'history:\n  url: mysql://me:secret@host/db',
      /:2: history\.url: expected sqlite:PATH or postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE; got "mysql:"/,
    ],
    [
      'evaluation:\n  hold_out: {share: 0.1, redraw_days: 29}',
      /:2: evaluation\.hold_out\.redraw_days: must not be below label\.horizon_days \(30\)/,
    ],
    ['features:\n  static: [plan, Logins_Count]', /features: two columns are called "Logins_Count"/],
    ['features:\n  static: [churn_label]', /features: "churn_label" is a column of the labels/],
    ['features:\n  static: ["two words"]', /features: "two words" is no column name/],
    ['features:\n  static: [_day]', /features: "_day" is no column name/],
    ['label: {kind: date, column: plan}', /features\.static: "plan" tells the label/],
  ];
  for (const [text, expected] of CASES) {
    it(text.replaceAll('\n', ' ').replaceAll(/ +/g, ' '), async () => {
      const lines = await complaints(text);
      assert.ok(
        lines.some((line) => expected.test(line)),
        lines.join('\n'),
      );
    });
  }
});
