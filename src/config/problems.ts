import type { z } from 'zod';
import { configKeys } from './keys.js';
import { nearest } from './nearest.js';

/** One mistake in a configuration: the dotted path of the key, and what is wrong with it. */
export interface ConfigProblem {
  path: string;
  message: string;
}

type Issue = z.core.$ZodIssue;

/** What the schema complains about, in our words. `values` is what was parsed. */
export function describeIssues(issues: readonly Issue[], values: unknown): ConfigProblem[] {
  return describeAt(issues, [], values);
}

/** Describes issues below a path. */
function describeAt(
  issues: readonly Issue[],
  above: readonly PropertyKey[],
  values: unknown,
): ConfigProblem[] {
  return withoutEchoes(issues, valueAt(values, above)).flatMap((issue) =>
    describeIssue(issue, [...above, ...issue.path], values),
  );
}

function describeIssue(issue: Issue, parts: readonly PropertyKey[], values: unknown): ConfigProblem[] {
  const path = parts.join('.');
  const came = valueAt(values, parts);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [path, key].filter(Boolean).join('.'),
        message: unknownKey(key, path),
      }));
    case 'invalid_union':
      return describeUnion(issue, parts, values);
    case 'invalid_value':
      return [{ path, message: oneOf(issue.values, came) }];
    default:
      return [
        {
          path,
          message:
            came === undefined
              ? `is missing: ${expectedIn(issue)}`
              : `${expectedIn(issue)}; got ${shown(came)}`,
        },
      ];
  }
}

/** A misspelt key makes two issues: the key that is unknown, and the one that it should have been, missing. */
function withoutEchoes(issues: readonly Issue[], values: unknown): Issue[] {
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ key, parent: issue.path.join('.') }))
      : [],
  );
  return issues.filter((issue) => {
    const [name, parent] = [String(issue.path.at(-1)), issue.path.slice(0, -1).join('.')];
    const isEcho = unknown.some((wrong) => wrong.parent === parent && nearest(wrong.key, [name]) !== null);
    return !(isEcho && issue.path.length > 0 && valueAt(values, issue.path) === undefined);
  });
}

/**
 * Of a union, the complaints of the option that the value came nearest to, if it has the shape of one (a map where a map
 * is expected); else what it may be.
 */
function describeUnion(
  issue: Issue & { code: 'invalid_union' },
  path: readonly PropertyKey[],
  values: unknown,
): ConfigProblem[] {
  const came = valueAt(values, path);
  if ('options' in issue && Array.isArray(issue.options)) {
    return [{ path: path.join('.'), message: oneOf(issue.options, came) }];
  }
  const shaped = issue.errors
    .filter((issues) => issues.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'))
    .sort((a, b) => weight(a, came) - weight(b, came));
  if (shaped.length > 0) {
    return describeAt(shaped[0], path, values);
  }
  const choices = issue.errors.flatMap((issues) =>
    issues.slice(0, 1).map((inner) => expectedIn(inner).replace(/^expected /, '')),
  );
  const expected = `expected ${[...new Set(choices)].join(' or ')}`;
  return [
    {
      path: path.join('.'),
      message: came === undefined ? `is missing: ${expected}` : `${expected}; got ${shown(came)}`,
    },
  ];
}

/** How many mistakes an option's issues are. */
function weight(issues: readonly Issue[], values: unknown): number {
  return withoutEchoes(issues, values).reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
}

/** The schema's own words without what came. */
function expectedIn(issue: Issue): string {
  return issue.message
    .replace(/^(Invalid|Too (big|small))( input| option)?: /, '')
    .replace(/, received .*/, '')
    .replace(/\b(object|record)\b/, 'map')
    .replace(/\barray\b/, 'list');
}

function oneOf(options: readonly unknown[], came: unknown): string {
  const known = options.filter((option) => option !== undefined).map(String);
  const best = typeof came === 'string' ? nearest(came, known) : null;
  return `expected ${known.join(' or ')}; got ${shown(came)}${best ? `; did you mean \`${best}\`?` : ''}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function unknownKey(key: string, parent: string): string {
  const siblings = keysOf(parent);
  if (siblings.includes(key)) {
    return 'does not go together with what else is set here';
  }
  const best = nearest(key, siblings);
  const hint = best
    ? `; did you mean \`${best}\`?`
    : siblings.length > 0
      ? `; known here: ${siblings.join(', ')}`
      : '';
  return `is not a key${hint}`;
}

/** The keys that may stand under a path. */
function keysOf(parent: string): string[] {
  const above = parent === '' ? [] : parent.split('.');
  return configKeys()
    .map((known) => known.path.split('.'))
    .filter(
      (parts) =>
        parts.length === above.length + 1 &&
        above.every((part, i) => parts[i] === 'NAME' || parts[i] === part),
    )
    .map((parts) => parts[above.length]);
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    root,
  );
}
