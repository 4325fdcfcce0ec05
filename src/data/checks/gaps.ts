import { dayOfNumber } from '../../time.js';
import { type Check, type CheckContext, EXAMPLES, type Problem } from './check.js';
import type { DayCount } from './day-counts.js';
import { fromWeeklyPattern } from './weekly-pattern.js';

const WEEKS = 8;
/** On a weekday with usually fewer events none may be chance. */
const LEAST_USUAL = 20;

/** A stray event of 1970 or 2099 stretches the calendar, and in a long silence everybody seems to churn. */
export const gaps: Check = {
  id: 'gaps',
  title:
    'events come at least once in a label horizon, and (a warning) on every day whose weekday usually has some',
  severity: 'error',
  run: async (context) => {
    const { days } = context;
    const long = silences(context, days);
    return long.length > 0 ? long : daysWithoutEvents(days);
  },
};

function silences({ config }: CheckContext, days: readonly DayCount[]): Omit<Problem, 'check'>[] {
  const horizon = config.label.horizon_days;
  return days.flatMap(({ day }, i) =>
    i === 0 || day - days[i - 1].day <= horizon
      ? []
      : [
          {
            severity: gaps.severity,
            source: 'events',
            message: `expected an event at least every ${horizon} days (label.horizon_days); got none between ${dayOfNumber(days[i - 1].day)} and ${dayOfNumber(day)}: leave out stray events with sources.events.where`,
            rows: 0,
            examples: [],
          },
        ],
  );
}

function daysWithoutEvents(days: readonly DayCount[]): Omit<Problem, 'check'>[] {
  const numbers = new Map(days.map(({ day, events }) => [day, events]));
  const silent = days
    .flatMap(({ day }, i) => between(days[i - 1]?.day ?? day, day))
    .filter((day) => {
      const found = fromWeeklyPattern(numbers, days[0].day, day, WEEKS);
      return found !== null && found.usual >= LEAST_USUAL;
    });
  return silent.length === 0
    ? []
    : [
        {
          severity: 'warning',
          source: 'events',
          message: `expected events on every day; got ${silent.length} days without any whose weekday usually has some`,
          rows: 0,
          examples: silent.slice(-EXAMPLES).map(dayOfNumber),
        },
      ];
}

/** The days between two, without them. */
function between(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from - 1) }, (_, i) => from + 1 + i);
}
