import { sql } from '../engine/sql.js';
import type { Check } from './check.js';

export const unknownUsers: Check = {
  id: 'unknown_users',
  title: 'every event belongs to a user of the user table',
  severity: 'warning',
  rules: () => [
    {
      source: 'events',
      condition: sql`source.user_id IS NOT NULL AND known_user IS NULL`,
      example: sql`source.user_id`,
      message: (rows, all) =>
        rows === all
          ? `expected known users; got ids that are all unknown: are they written alike in both files?`
          : `expected known users; got ${rows} events of others, which are left out`,
      // Without any match everybody would seem to have churned.
      severity: (rows, all) => (rows === all ? 'error' : 'warning'),
    },
  ],
};
