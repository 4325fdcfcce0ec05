import { columnLayout } from '../../config/columns.js';
import { usedEventColumns } from '../columns-used.js';
import { NEEDED, type SourceName } from '../sources.js';
import type { Check, Problem } from './check.js';

export const columns: Check = {
  id: 'columns',
  title:
    'every column that the configuration names is there, and (a warning) no other than those of `users` and `events`, once they are set',
  severity: 'error',
  run: async ({ config, users, events }) => {
    const { features, label } = config;
    const wantedUsers = [
      ...columnLayout(features).statics.filter((name) => !features.optional.includes(name)),
      ...(label.kind === 'date' ? [label.column, ...(label.kind_column ? [label.kind_column] : [])] : []),
    ];
    const missing = (
      source: 'users' | 'events',
      wanted: string[],
      there: { name: string }[],
    ): Omit<Problem, 'check'>[] =>
      wanted
        .filter((name) => !there.some((column) => column.name === name))
        .map((name) => ({
          severity: columns.severity,
          source,
          message: `expected a column "${name}"; got ${there.map((column) => column.name).join(', ')}; map it under sources.${source}.columns`,
          rows: 0,
          examples: [],
        }));
    return [
      ...missing('users', wantedUsers, users.columns),
      ...missing('events', usedEventColumns(features), events.columns),
      ...extra('users', [...NEEDED.users, ...wantedUsers], users.columns, config.checks.columns.users),
      ...extra(
        'events',
        [...NEEDED.events, ...usedEventColumns(features)],
        events.columns,
        config.checks.columns.events,
      ),
    ];
  },
};

function extra(
  source: SourceName,
  used: readonly string[],
  there: readonly { name: string }[],
  expected: readonly string[] | undefined,
): Omit<Problem, 'check'>[] {
  const found = there.filter(({ name }) => !used.includes(name) && !expected?.includes(name));
  return expected === undefined || found.length === 0
    ? []
    : [
        {
          severity: 'warning',
          source,
          message: `expected the columns of checks.columns.${source}; got ${found.length} others`,
          rows: 0,
          examples: found.map(({ name }) => name),
        },
      ];
}
