import { BUILT_IN_DAILY, columnLayout } from './columns.js';
import { nearest } from './nearest.js';
import type { Config } from './schema.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What the schema cannot see: names that refer to other parts of the configuration, and settings that exclude each other. */
export function consistencyProblems(config: Config): { path: string; message: string }[] {
  const problems: { path: string; message: string }[] = [];
  const { features } = config;
  const expectKnown = (path: string, name: string, known: readonly string[], what: string) => {
    if (!known.includes(name)) {
      const best = nearest(name, known);
      problems.push({ path, message: `"${name}" is no ${what}${best ? `; did you mean "${best}"?` : ''}` });
    }
  };

  const daily = [...Object.keys(features.daily), ...BUILT_IN_DAILY];
  const layout = columnLayout(features);
  const columns = [...layout.daily, ...layout.derived];

  for (const name of columns) {
    if (!NAME.test(name)) {
      problems.push({ path: 'features', message: `"${name}" is no column name: letters, digits and _ only` });
    }
  }
  for (const name of new Set(columns.filter((name, i) => columns.indexOf(name) !== i))) {
    problems.push({ path: 'features', message: `two columns are called "${name}"` });
  }
  for (const [name, aggregate] of Object.entries(features.rolling)) {
    expectKnown(`features.rolling.${name}`, Object.values(aggregate)[0], daily, 'daily column');
  }
  for (const [name, ratio] of Object.entries(features.ratios)) {
    for (const part of [ratio.numerator, ...ratio.denominator]) {
      expectKnown(`features.ratios.${name}`, part, columns, 'column of user_features_daily');
    }
  }
  if (new Set(features.windows).size !== features.windows.length) {
    problems.push({ path: 'features.windows', message: 'the same length stands twice' });
  }
  for (const name of features.optional) {
    expectKnown('features.optional', name, features.static, 'static column');
  }
  for (const name of config.drift.features) {
    expectKnown('drift.features', name, columns, 'column of user_features_daily');
  }
  for (const name of config.training.exclude) {
    expectKnown('training.exclude', name, columns, 'column of user_features_daily');
  }
  if (typeof config.population === 'object' && 'active_within_days' in config.population) {
    const window = config.population.active_within_days;
    if (!columns.includes(`active_days_${window}d`)) {
      problems.push({
        path: 'population.active_within_days',
        message: `needs the column active_days_${window}d: add ${window} to features.windows (and keep features.rolling.active_days)`,
      });
    }
  }
  if (config.drift.warn > config.drift.fail) {
    problems.push({ path: 'drift.warn', message: `must not be above drift.fail (${config.drift.fail})` });
  }
  if (config.policy.drift.checks.needed > config.policy.drift.checks.of) {
    problems.push({ path: 'policy.drift.checks.needed', message: 'must not be above `of`' });
  }
  if (!config.history.url.startsWith('sqlite:')) {
    problems.push({
      path: 'history.url',
      message: `expected sqlite:PATH; got "${config.history.url.replace(/:[^:@/]*@/, ':***@')}"`,
    });
  }
  return problems;
}
