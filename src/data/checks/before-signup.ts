import { sql } from '../engine/sql.js';
import { localDate } from '../sources.js';
import type { Check } from './check.js';

export const beforeSignup: Check = {
  id: 'before_signup',
  title: 'no user is active before signing up',
  severity: 'warning',
  rules: ({ engine, events }) => [
    {
      source: 'events',
      condition: sql`${localDate(engine, events, 'event_time', true)} < known_signup`,
      example: sql`known_user`,
      message: (rows) => `expected events after sign-up; got ${rows} on days before it`,
    },
  ],
};
