import { identifier, type Sql, sql } from '../engine/sql.js';
import type { SourceName } from '../sources.js';
import type { Check } from './check.js';

interface Range {
  source: SourceName;
  column: string;
  outside: (value: Sql) => Sql;
  range: string;
}

/** Ranges of the contract's columns, checked where they exist. */
const RANGES: readonly Range[] = [
  { source: 'events', column: 'watch_minutes', outside: (value) => sql`${value} < 0`, range: '0 or more' },
  { source: 'events', column: 'quiz_score', outside: outsideOf(0, 100), range: '0 to 100' },
  { source: 'users', column: 'engagement_score', outside: outsideOf(0, 1), range: '0 to 1' },
];

export const values: Check = {
  id: 'values',
  title: 'values lie in their ranges',
  severity: 'warning',
  rules: (context) =>
    RANGES.filter(({ source, column }) => context[source].columns.some((there) => there.name === column)).map(
      ({ source, column, outside, range }) => {
        const value = context.engine.dialect.nanToNull(sql`TRY_CAST(source.${identifier(column)} AS DOUBLE)`);
        return {
          source,
          condition: outside(value),
          example: sql`source.${identifier(column)}`,
          message: (rows) => `expected "${column}" in ${range}; got others in ${rows} rows`,
        };
      },
    ),
};

function outsideOf(low: number, high: number): (value: Sql) => Sql {
  return (value) => sql`(${value} < ${low} OR ${value} > ${high})`;
}
