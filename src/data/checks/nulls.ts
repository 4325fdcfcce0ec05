import { identifier, sql } from '../engine/sql.js';
import { NEEDED, type SourceName } from '../sources.js';
import type { Check } from './check.js';

export const nulls: Check = {
  id: 'nulls',
  title: 'keys, days and times are filled',
  severity: 'error',
  rules: () =>
    (Object.keys(NEEDED) as SourceName[]).flatMap((source) =>
      NEEDED[source].map((column) => ({
        source,
        condition: sql`source.${identifier(column)} IS NULL`,
        example: column === 'user_id' ? sql`'null'` : sql`'user ' || CAST(source.user_id AS STRING)`,
        message: (rows) => `expected a value in "${column}"; got null in ${rows} rows`,
        // A user of unknown age can be scored: days_since_signup is missing. A whole column of them is a mistake.
        severity: (rows, all) => (column === 'signup_date' && rows < all ? 'warning' : 'error'),
      })),
    ),
};
