import { dayOfNumber } from '../../time.js';
import { sql } from '../engine/sql.js';
import { utcDate } from '../sources.js';
import type { Check } from './check.js';

/** A stray event of 1970 or 2099 stretches the calendar, and in a long silence everybody seems to churn. */
export const gaps: Check = {
  id: 'gaps',
  title: 'events come at least once in a label horizon',
  severity: 'error',
  run: async ({ engine, config, events, signal }) => {
    const horizon = config.label.horizon_days;
    const day = engine.dialect.dayNumber(utcDate(engine, events, 'event_time', true));
    const found = await engine.rows<{ day: number; before: number }>(
      sql`SELECT day, before FROM (
          SELECT day, lag(day) OVER (ORDER BY day) AS before
          FROM (SELECT DISTINCT ${day} AS day FROM ${events.relation} AS source) AS days WHERE day IS NOT NULL
        ) AS steps WHERE day - before > ${horizon} ORDER BY day`,
      signal,
    );
    return found.map(({ day: next, before }) => ({
      severity: gaps.severity,
      source: 'events' as const,
      message: `expected an event at least every ${horizon} days (label.horizon_days); got none between ${dayOfNumber(before)} and ${dayOfNumber(next)}: leave out stray events with sources.events.where`,
      rows: 0,
      examples: [],
    }));
  },
};
