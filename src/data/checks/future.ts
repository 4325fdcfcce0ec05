import { dayOfNumber } from '../../time.js';
import { type Check, EXAMPLES } from './check.js';

/** Somewhere it is tomorrow already. */
const DAYS_AHEAD = 1;
/** With a larger share it is rather the clock of this machine that is wrong, or the data are made up. */
const STRAY_SHARE = 0.01;

/** Stray events of days to come make everybody look silent; a mass of them is no mistake of a few senders. */
export const future: Check = {
  id: 'future',
  title: 'no event is of a day after tomorrow or later (a warning where more than 1 in 100 are)',
  severity: 'error',
  run: async ({ days, today }) => {
    const ahead = days.filter(({ day }) => day > today + DAYS_AHEAD);
    const sum = (of: typeof days) => of.reduce((rows, { events }) => rows + events, 0);
    const rows = sum(ahead);
    return rows === 0
      ? []
      : [
          {
            severity: rows < STRAY_SHARE * sum(days) ? future.severity : 'warning',
            source: 'events',
            message: `expected events up to today, ${dayOfNumber(today)}; got ${rows} of days to come: mend their times or leave them out with sources.events.where`,
            rows,
            examples: ahead
              .slice(0, EXAMPLES)
              .map(({ day, events }) => `${dayOfNumber(day)} (${events} events)`),
          },
        ];
  },
};
