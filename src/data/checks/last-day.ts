import { dayOfNumber } from '../../time.js';
import type { Check } from './check.js';
import { lastWholeDay } from './day-counts.js';

const DAYS_BEFORE = 28;
const LEAST_DAYS = 14;
/** A last event may come this much earlier than on any of the days before. */
const MINUTES = 120;

/** A feed that was cut ends at an hour at which no day ends. Times without hours tell nothing. */
export const lastDay: Check = {
  id: 'last_day',
  title: 'the last whole day ends no more than 2 hours earlier than any of the 28 days before',
  severity: 'warning',
  run: async ({ config, days, today }) => {
    const last = lastWholeDay(days, today);
    const before = days.filter(({ day }) => last !== null && day < last.day && day >= last.day - DAYS_BEFORE);
    if (last === null || before.length < LEAST_DAYS) {
      return [];
    }
    const earliest = Math.min(...before.map(({ lastMinute }) => lastMinute));
    if (last.lastMinute >= earliest - MINUTES) {
      return [];
    }
    const day = dayOfNumber(last.day);
    return [
      {
        severity: lastDay.severity,
        source: 'events',
        message: `expected events of ${day} until ${clock(earliest)} at least, as on the days before; got the last at ${clock(last.lastMinute)} ${config.time_zone}: load the rest of the day, or leave it out with sources.events.where`,
        rows: last.events,
        examples: [],
      },
    ];
  },
};

function clock(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
