import { columnLayout } from '../../config/columns.js';
import { usedEventColumns } from '../columns-used.js';
import { identifier, sql } from '../engine/sql.js';
import { NEEDED, type SourceName } from '../sources.js';
import type { Check, CheckContext, RowRule } from './check.js';

export const nulls: Check = {
  id: 'nulls',
  title: 'keys, days and times are filled, and (a warning) no column that is used is null in every row',
  severity: 'error',
  rules: (context) => [
    ...(Object.keys(NEEDED) as SourceName[]).flatMap((source) =>
      NEEDED[source].map(
        (column): RowRule => ({
          source,
          condition: sql`source.${identifier(column)} IS NULL`,
          example: column === 'user_id' ? sql`'null'` : sql`'user ' || CAST(source.user_id AS STRING)`,
          message: (rows) => `expected a value in "${column}"; got null in ${rows} rows`,
          // A user of unknown age can be scored: days_since_signup is missing. A whole column of them is a mistake.
          severity: (rows, all) => (column === 'signup_date' && rows < all ? 'warning' : 'error'),
        }),
      ),
    ),
    ...neverFilled(context),
  ],
};

function neverFilled({ config, users, events }: CheckContext): RowRule[] {
  const used: Record<SourceName, string[]> = {
    users: columnLayout(config.features).statics,
    events: usedEventColumns(config.features),
  };
  return Object.entries({ users, events }).flatMap(([name, { columns }]) => {
    const source = name as SourceName;
    return used[source]
      .filter((column) => !NEEDED[source].includes(column) && columns.some((there) => there.name === column))
      .map((column) => ({
        source,
        condition: sql`source.${identifier(column)} IS NULL`,
        example: sql`'null'`,
        message: () => `expected a value in "${column}" of some row; got null in all`,
        severity: (rows: number, all: number) => (rows === all ? 'warning' : null),
      }));
  });
}
