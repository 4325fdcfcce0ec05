import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMap, isPair, isScalar, LineCounter, parse, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ChurnError, messageOf } from '../error.js';
import { readText } from '../files.js';
import { consistencyProblems } from './consistency.js';
import { configKeys, environmentKeys } from './keys.js';
import { nearest } from './nearest.js';
import { type Config, configSchema } from './schema.js';

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
  const { values, lines } = parseYaml(text, file);
  const origins: Record<string, string> = {};
  for (const [path, line] of lines) {
    origins[path] = `${file}:${line}`;
  }
  for (const { path, value, variable } of environmentValues(options.environment)) {
    setAt(values, path.split('.'), value);
    origins[path] = variable;
  }
  const parsed = configSchema.safeParse(values);
  const problems = parsed.success
    ? consistencyProblems(parsed.data)
    : parsed.error.issues.flatMap(describeIssue);
  if (!parsed.success || problems.length > 0) {
    throw invalid(problems, origins, file);
  }
  return { config: parsed.data, file, root: dirname(file), origins };
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

function parseYaml(
  text: string,
  file: string,
): { values: Record<string, unknown>; lines: Map<string, number> } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0) {
    throw new ChurnError(
      'config.invalid',
      { expected: `YAML in ${file}`, came: document.errors[0].message.split('\n')[0] },
      document.errors[0],
    );
  }
  const lines = new Map<string, number>();
  const walk = (node: unknown, path: string[]) => {
    if (!isMap(node)) {
      return;
    }
    for (const pair of node.items) {
      if (isPair(pair) && isScalar(pair.key)) {
        const here = [...path, String(pair.key.value)];
        lines.set(here.join('.'), counter.linePos(pair.key.range?.[0] ?? 0).line);
        walk(pair.value, here);
      }
    }
  };
  walk(document.contents, []);
  const values = (document.toJS() ?? {}) as unknown;
  if (typeof values !== 'object' || Array.isArray(values)) {
    throw new ChurnError('config.invalid', {
      expected: `keys and values in ${file}`,
      came: Array.isArray(values) ? 'a list' : `"${String(values)}"`,
    });
  }
  return { values: values as Record<string, unknown>, lines };
}

function environmentValues(
  environment: NodeJS.ProcessEnv,
): { path: string; value: unknown; variable: string }[] {
  return environmentKeys().flatMap(({ path, variable }) => {
    const text = environment[variable];
    if (text === undefined || text === '') {
      return [];
    }
    try {
      return [{ path, variable, value: parse(text) as unknown }];
    } catch (error) {
      throw new ChurnError(
        'config.invalid',
        { expected: `a YAML value in ${variable}`, came: messageOf(error).split('\n')[0] },
        error,
      );
    }
  });
}

function setAt(root: Record<string, unknown>, path: string[], value: unknown): void {
  const [first, ...rest] = path;
  if (rest.length === 0) {
    root[first] = value;
    return;
  }
  const inner = root[first];
  root[first] = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  setAt(root[first] as Record<string, unknown>, rest, value);
}

export interface ConfigProblem {
  path: string;
  message: string;
}

function describeIssue(issue: z.core.$ZodIssue): ConfigProblem[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [path, key].filter(Boolean).join('.'),
      message: `is not a key${didYouMean(key, path)}`,
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return [closestOption(issue.errors, path)];
  }
  return [{ path, message: issue.message.replace(/^Invalid (input|option): /, '') }];
}

/** The complaint of the option that the value came nearest to: the one with the fewest and deepest issues. */
function closestOption(options: z.core.$ZodIssue[][], path: string): ConfigProblem {
  const misspelt = options.flat().find((issue) => issue.code === 'unrecognized_keys');
  if (misspelt) {
    const [problem] = describeIssue({
      ...misspelt,
      path: [...path.split('.'), ...misspelt.path],
    } as z.core.$ZodIssue);
    return problem;
  }
  const choices = options
    .map((issues) => issues[0]?.message.replace(/^Invalid (input|option): expected /, ''))
    .filter(Boolean);
  return { path, message: `expected ${[...new Set(choices)].join(' or ')}` };
}

function didYouMean(key: string, parent: string): string {
  const depth = parent === '' ? 0 : parent.split('.').length;
  const siblings = configKeys()
    .map((known) => known.path.split('.'))
    .filter(
      (parts) =>
        parts.length === depth + 1 && (depth === 0 || matches(parts.slice(0, depth), parent.split('.'))),
    )
    .map((parts) => parts[depth]);
  const best = nearest(key, siblings);
  return best
    ? `; did you mean \`${best}\`?`
    : siblings.length > 0
      ? `; known here: ${siblings.join(', ')}`
      : '';
}

function matches(pattern: string[], path: string[]): boolean {
  return pattern.every((part, i) => part === 'NAME' || part === path[i]);
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
