import { isTimeZone } from '../time.js';
import { BUILT_IN_DAILY, columnLayout } from './columns.js';
import { cronProblem } from './cron.js';
import { variableOf } from './keys.js';
import { nearest } from './nearest.js';
import type { ConfigProblem } from './problems.js';
import { LINE_NAMES } from './schedule.js';
import type { Config, SourceConfig } from './schema.js';

/** Names with a leading underscore are the pipeline's own. */
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Columns of labels_daily and of the training set. */
const OF_LABELS = ['future_active_days', 'churn_label', 'churn_kind'];

/** What the schema cannot see: names that refer to other parts of the configuration, and settings that exclude each other. */
export function consistencyProblems(config: Config): ConfigProblem[] {
  const layout = columnLayout(config.features);
  const columns = [...layout.daily, ...layout.derived];
  return [
    ...nameProblems(columns),
    ...featureProblems(config, columns),
    ...labelProblems(config, columns),
    ...unknown('drift.features', config.drift.features, columns, TABLE),
    ...unknown('training.exclude', config.training.exclude, columns, TABLE),
    ...userProblems(config),
    ...zoneProblems('time_zone', config.time_zone),
    ...sourceProblems('sources.users', config.sources.users),
    ...sourceProblems('sources.events', config.sources.events),
    ...(config.evaluation.outcomes ? sourceProblems('evaluation.outcomes', config.evaluation.outcomes) : []),
    ...settingProblems(config),
    ...scheduleProblems(config),
    ...addressProblems(config),
  ];
}

const TABLE = 'column of user_features_daily';

/** A problem for each name that is none of the known ones. */
function unknown(
  path: string,
  names: readonly string[],
  known: readonly string[],
  what: string,
): ConfigProblem[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const best = nearest(name, known);
      return { path, message: `"${name}" is no ${what}${best ? `; did you mean "${best}"?` : ''}` };
    });
}

function nameProblems(columns: readonly string[]): ConfigProblem[] {
  const problem = (message: string) => ({ path: 'features', message });
  const lower = columns.map((name) => name.toLowerCase());
  return [
    ...columns
      .filter((name) => !NAME.test(name))
      .map((name) => problem(`"${name}" is no column name: a letter, then letters, digits and _`)),
    ...columns
      .filter((_, i) => lower.indexOf(lower[i]) < i)
      .map((name) => problem(`two columns are called "${name}" (capitals do not count)`)),
    ...columns
      .filter((_, i) => OF_LABELS.includes(lower[i]))
      .map((name) => problem(`"${name}" is a column of the labels: choose another name`)),
  ];
}

function featureProblems({ features, population }: Config, columns: readonly string[]): ConfigProblem[] {
  const daily = [...Object.keys(features.daily), ...BUILT_IN_DAILY];
  // Ratios are made in one go from the rolling and the daily columns, so that one cannot use another.
  const beneathRatios = columns.filter(
    (name) => !(name in features.ratios) && name !== 'days_since_last_activity',
  );
  const problems = [
    ...Object.entries(features.rolling).flatMap(([name, aggregate]) =>
      unknown(`features.rolling.${name}`, Object.values(aggregate), daily, 'daily column'),
    ),
    ...Object.entries(features.ratios).flatMap(([name, ratio]) =>
      unknown(
        `features.ratios.${name}`,
        [ratio.numerator, ...ratio.denominator],
        beneathRatios,
        'daily or rolling column',
      ),
    ),
    ...unknown('features.optional', features.optional, features.static, 'static column'),
  ];
  if (new Set(features.windows).size !== features.windows.length) {
    problems.push({ path: 'features.windows', message: 'the same length stands twice' });
  }
  if (typeof population === 'object' && 'active_within_days' in population) {
    const window = population.active_within_days;
    if (!columns.includes(`active_days_${window}d`)) {
      problems.push({
        path: 'population.active_within_days',
        message: `needs the column active_days_${window}d: add ${window} to features.windows (and keep features.rolling.active_days)`,
      });
    }
  }
  return problems;
}

/** The answer must not stand among the features. */
function labelProblems({ label }: Config, columns: readonly string[]): ConfigProblem[] {
  if (label.kind !== 'date') {
    return [];
  }
  return [label.column, label.kind_column]
    .filter((name): name is string => name !== undefined && columns.includes(name))
    .map((name) => ({
      path: 'features.static',
      message: `"${name}" tells the label: a model that sees it learns nothing else`,
    }));
}

function userProblems({ sources }: Config): ConfigProblem[] {
  return sources.users.from === 'events' && 'user_id' in sources.users.columns
    ? [
        {
          path: 'sources.users.columns.user_id',
          message:
            'with `from: events` users have the user_id of their events: map it under sources.events.columns',
        },
      ]
    : [];
}

function settingProblems({ drift, policy, history }: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (drift.warn > drift.fail) {
    problems.push({ path: 'drift.warn', message: `must not be above drift.fail (${drift.fail})` });
  }
  for (const [name, { warn, fail }] of Object.entries(drift.by_feature)) {
    const path = `drift.by_feature.${name}`;
    if (!drift.features.includes(name)) {
      problems.push({ path, message: 'is not among drift.features' });
    }
    if (warn !== undefined && fail !== undefined && warn > fail) {
      problems.push({ path: `${path}.warn`, message: `must not be above its fail level (${fail})` });
    }
  }
  if (policy.drift.checks.needed > policy.drift.checks.of) {
    problems.push({ path: 'policy.drift.checks.needed', message: 'must not be above `of`' });
  }
  if (!/^(sqlite|postgres|postgresql):/.test(history.url)) {
    // The rest is not repeated: it may hold a password.
    const shown = /^[a-z0-9+.-]{1,20}:/i.exec(history.url)?.[0] ?? 'something else';
    const expected = 'expected sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE';
    problems.push({ path: 'history.url', message: `${expected}; got "${shown}"` });
  }
  return problems;
}

function zoneProblems(path: string, name: string): ConfigProblem[] {
  return isTimeZone(name)
    ? []
    : [{ path, message: `"${name}" is no time zone, such as Etc/UTC or Europe/Berlin` }];
}

/** Addresses are not repeated: they may hold a password. */
function sourceProblems(key: string, { postgres }: SourceConfig): ConfigProblem[] {
  if (postgres === undefined) {
    return [];
  }
  const path = `${key}.postgres`;
  const problems: ConfigProblem[] = [];
  if (!/^postgres(ql)?:\/\//.test(postgres.url)) {
    const came = postgres.url === '' ? 'nothing' : 'something else';
    problems.push({
      path: `${path}.url`,
      message: `expected postgres://USER:PASSWORD@HOST:PORT/DATABASE; got ${came}; set ${variableOf(`${path}.url`)}`,
    });
  }
  if ((postgres.table === undefined) === (postgres.query === undefined)) {
    problems.push({ path, message: 'expected either `table` or `query`' });
  }
  return problems;
}

function scheduleProblems({ schedule }: Config): ConfigProblem[] {
  const problems = zoneProblems('schedule.time_zone', schedule.time_zone);
  if (problems.length > 0) {
    return problems;
  }
  return LINE_NAMES.flatMap((line) => {
    const expression = schedule[line];
    const problem = expression === 'off' ? null : cronProblem(expression, schedule.time_zone);
    const expected = 'expected a cron expression such as "0 1 * * *", or off';
    return problem === null
      ? []
      : [{ path: `schedule.${line}`, message: `${expected}; got "${expression}": ${problem}` }];
  });
}

/** Addresses are not repeated: they may hold a password. */
function addressProblems({ notify }: Config): ConfigProblem[] {
  return (['webhook', 'slack'] as const)
    .filter((channel) => notify[channel].url !== '' && !/^https?:$/.test(protocolOf(notify[channel].url)))
    .map((channel) => ({
      path: `notify.${channel}.url`,
      message: 'expected an address that begins with https:// or http://',
    }));
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
