import { columnLayout } from '../../config/columns.js';
import { usedEventColumns } from '../columns-used.js';
import type { Check, Problem } from './check.js';

export const columns: Check = {
  id: 'columns',
  title: 'every column that the configuration names is there',
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
    ];
  },
};
