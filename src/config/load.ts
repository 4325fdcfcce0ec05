import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ChurnError } from '../error.js';
import { readText } from '../files.js';
import { consistencyProblems } from './consistency.js';
import { environmentValues, setAt } from './environment.js';
import { type ConfigProblem, describeIssues } from './problems.js';
import { type Config, configSchema } from './schema.js';
import { parseYaml } from './yaml.js';

export const CONFIG_NAME = 'churn.yaml';

export interface LoadedConfig {
  config: Config;
  /** The configuration file, and the folder that its relative paths start from. */
  file: string;
  root: string;
  /** For each key that was set: the line of the file or the variable it came from. Unlisted keys are defaults. */
  origins: Record<string, string>;
}

/**
 * Finds, reads and checks the configuration: the file, then the environment on top.
 * @throws input.missing when there is no file; config.invalid naming every wrong key, its line and what was expected.
 */
export async function loadConfig(options: {
  file?: string;
  folder: string;
  environment: NodeJS.ProcessEnv;
}): Promise<LoadedConfig> {
  const file = options.file ? resolve(options.folder, options.file) : await findUpwards(options.folder);
  const text = await readText(file);
  const { values, origins } = readValues(text, file);
  for (const { path, value, variable } of environmentValues(options.environment)) {
    setAt(values, path.split('.'), value);
    origins[path] = variable;
  }
  return { config: validate(values, origins, file), file, root: dirname(file), origins };
}

/** The configuration that a text is, without the environment. @throws config.invalid as loadConfig */
export function checkConfig(text: string, file: string): Config {
  const { values, origins } = readValues(text, file);
  return validate(values, origins, file);
}

function readValues(text: string, file: string) {
  const { values, lines } = parseYaml(text, file);
  const origins: Record<string, string> = {};
  for (const [path, line] of lines) {
    origins[path] = `${file}:${line}`;
  }
  return { values, origins };
}

function validate(values: unknown, origins: Record<string, string>, file: string): Config {
  const parsed = configSchema.safeParse(values);
  const problems = parsed.success
    ? consistencyProblems(parsed.data)
    : describeIssues(parsed.error.issues, values);
  if (!parsed.success || problems.length > 0) {
    throw invalid(problems, origins, file);
  }
  return parsed.data;
}

async function findUpwards(from: string): Promise<string> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const candidate = join(folder, CONFIG_NAME);
    const exists = await access(candidate).then(
      () => true,
      () => false,
    );
    if (exists) {
      return candidate;
    }
    if (folder === dirname(folder)) {
      throw new ChurnError('input.missing', {
        expected: `${CONFIG_NAME} in ${resolve(from)} or a folder above it`,
        came: 'none',
        fix: 'run `churn-mlops init`, or name one with --config FILE',
      });
    }
  }
}

function invalid(problems: ConfigProblem[], origins: Record<string, string>, file: string): ChurnError {
  const lines = problems.map(
    ({ path, message }) => `  ${whereSet(path, origins) ?? file}: ${path || 'the file'}: ${message}`,
  );
  return new ChurnError('config.invalid', {
    expected: 'a configuration without mistakes',
    came: `${problems.length} of them:\n${lines.join('\n')}`,
  });
}

/** The line that set a key or the nearest parent of it. */
function whereSet(path: string, origins: Record<string, string>): string | undefined {
  for (let parts = path.split('.'); parts.length > 0; parts = parts.slice(0, -1)) {
    const origin = origins[parts.join('.')];
    if (origin) {
      return origin;
    }
  }
  return undefined;
}
