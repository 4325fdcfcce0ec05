import { dayOfNumber } from '../../time.js';
import type { Check } from './check.js';

const WITHIN_DAYS = 2;

/** Told only when asked for: a table of the past is as it should be. */
export const freshness: Check = {
  id: 'freshness',
  title: 'the newest event is not older than `within_days` (2 unless set; off until `checks.freshness` is)',
  severity: 'warning',
  run: async ({ config, days, today }) => {
    const { severity, within_days } = config.checks.freshness;
    const newest = days.findLast(({ day }) => day <= today);
    if ((severity === undefined && within_days === undefined) || newest === undefined) {
      return [];
    }
    const within = within_days ?? WITHIN_DAYS;
    const age = today - newest.day;
    return age <= within
      ? []
      : [
          {
            severity: freshness.severity,
            source: 'events',
            message: `expected events of the last ${within} days; got the newest of ${dayOfNumber(newest.day)}, ${age} days ago`,
            rows: 0,
            examples: [],
          },
        ];
  },
};
