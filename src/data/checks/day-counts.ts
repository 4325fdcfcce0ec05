import type { EventDay } from '../event-days.js';

/** What checks look at of a day. */
export type DayCount = Omit<EventDay, 'id'>;

/** The newest day that is over; null when there is none. */
export function lastWholeDay(days: readonly DayCount[], today: number): DayCount | null {
  return days.findLast(({ day }) => day < today) ?? null;
}
