import type { Interval, MeasureValue } from './report.js';

/** How far a measure has moved from a record of other rows. */
export interface Change {
  /** Now less then. */
  difference: number;
  /** Null without both intervals. */
  interval: Interval | null;
}

/**
 * A measure against its record on other users. The interval is put together from the two separate ones, each end from the
 * distances that matter to it. Null where either value is. Source: Zou and Donner 2008 ("MOVER").
 */
export function changeFrom(record: MeasureValue, now: MeasureValue): Change | null {
  if (record.value === null || now.value === null) {
    return null;
  }
  const difference = now.value - record.value;
  if (record.interval === null || now.interval === null) {
    return { difference, interval: null };
  }
  const down = Math.hypot(now.value - now.interval[0], record.interval[1] - record.value);
  const up = Math.hypot(now.interval[1] - now.value, record.value - record.interval[0]);
  return { difference, interval: [difference - down, difference + up] };
}
