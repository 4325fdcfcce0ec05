import type { DayCount } from '../../../src/data/checks/day-counts.js';
import { EVENT_TYPES } from '../../../src/data/synthetic/event-types.js';
import { EVENT_COLUMNS, generateEvents } from '../../../src/data/synthetic/events.js';
import type { SyntheticSettings } from '../../../src/data/synthetic/settings.js';
import { generateUsers } from '../../../src/data/synthetic/users.js';

const columnOf = (name: string) => EVENT_COLUMNS.findIndex((column) => column.name === name);
const [TIME, TYPE] = ['event_time', 'event_type_code'].map(columnOf);
const MICROSECONDS = 86_400e6;

/** What dayCounts counts of generated events, without an engine. */
export function generatedDays(settings: SyntheticSettings): DayCount[] {
  const days = new Map<number, DayCount & { ofType: Map<string, number> }>();
  for (const { rows, columns } of generateEvents(settings, generateUsers(settings))) {
    for (let row = 0; row < rows; row++) {
      const time = columns[TIME][row] as number;
      const day = Math.floor(time / MICROSECONDS);
      const type = EVENT_TYPES[columns[TYPE][row] as number];
      const counted = days.get(day) ?? { day, events: 0, lastMinute: 0, ofType: new Map() };
      days.set(day, counted);
      counted.events++;
      counted.lastMinute = Math.max(counted.lastMinute, Math.floor((time % MICROSECONDS) / 60e6));
      counted.ofType.set(type, (counted.ofType.get(type) ?? 0) + 1);
    }
  }
  return [...days.values()].sort((a, b) => a.day - b.day);
}
