import { numericEventColumns } from '../columns-used.js';
import { identifier, type Sql, sql } from '../engine/sql.js';
import { isUndated, type SourceName } from '../sources.js';
import type { Check, CheckContext, RowRule } from './check.js';

export const types: Check = {
  id: 'types',
  title: 'days are days, times are times, numbers are numbers',
  severity: 'error',
  rules: (context) => [
    unreadableTime(context, 'users', 'signup_date', 'a day'),
    unreadableTime(context, 'events', 'event_time', 'a time'),
    ...labelDate(context),
    ...numericEventColumns(context.config.features)
      .filter((name) => context.events.columns.some((column) => column.name === name))
      .map((name) => unreadableNumber(context, name)),
  ],
};

function labelDate(context: CheckContext): RowRule[] {
  const { label } = context.config;
  return label.kind === 'date' && context.users.columns.some((column) => column.name === label.column)
    ? [unreadableTime(context, 'users', label.column, 'a day')]
    : [];
}

function unreadableTime(context: CheckContext, source: SourceName, column: string, what: string): RowRule {
  return unreadable(source, column, what, isUndated(context.engine, context[source], column));
}

/** Neither text nor infinite; NaN counts as null. */
function unreadableNumber(context: CheckContext, column: string): RowRule {
  const read = sql`TRY_CAST(source.${identifier(column)} AS DOUBLE)`;
  const infinite = sql`abs(${context.engine.dialect.nanToNull(read)}) = CAST('Infinity' AS DOUBLE)`;
  return unreadable('events', column, 'a number', sql`(${read} IS NULL OR ${infinite})`);
}

function unreadable(source: SourceName, column: string, what: string, condition: Sql): RowRule {
  const name = sql`source.${identifier(column)}`;
  return {
    source,
    condition: sql`${name} IS NOT NULL AND ${condition}`,
    example: name,
    message: (rows) => `expected ${what} in "${column}"; got something else in ${rows} rows`,
  };
}
