import { ChurnError } from './error.js';

/** A calendar day in UTC, written `YYYY-MM-DD`. Days compare correctly as strings. */
export type Day = string;

/** Half-open interval of days [from, to): `to` is the first day that is not in it. */
export interface Window {
  from: Day;
  to: Day;
}

/** Tells the time. Passed in, never read from the system below `open.ts`. */
export type Clock = () => Date;

const MILLISECONDS_PER_DAY = 86_400_000;
const DAY_PATTERN = /^\d{4}-\d{2}-\d{2}$/;

/** Days since 1970-01-01. */
export function dayNumber(day: Day): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / MILLISECONDS_PER_DAY);
}

/** The day that lies `number` days after 1970-01-01. */
export function dayOfNumber(number: number): Day {
  return new Date(number * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}

export function addDays(day: Day, days: number): Day {
  return dayOfNumber(dayNumber(day) + days);
}

/** How many days `to` lies after `from` (negative when before). */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from);
}

export function dayOfDate(date: Date): Day {
  return date.toISOString().slice(0, 10);
}

/** True when `text` is an existing day written YYYY-MM-DD. */
export function isDay(text: string): boolean {
  return (
    DAY_PATTERN.test(text) &&
    !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
    dayOfNumber(dayNumber(text)) === text
  );
}

/**
 * Reads a day as a person typed it.
 * @throws usage.invalid when it is not an existing day in ISO form.
 */
export function parseDay(text: string, what = 'a day'): Day {
  if (!isDay(text)) {
    throw new ChurnError('usage.invalid', { expected: `${what} as YYYY-MM-DD`, came: `"${text}"` });
  }
  return text;
}

export function earlier(a: Day, b: Day): Day {
  return a < b ? a : b;
}

export function later(a: Day, b: Day): Day {
  return a > b ? a : b;
}
