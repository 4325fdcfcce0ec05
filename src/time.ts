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

/** The day that it is at a moment in a time zone of the IANA database. */
export function dayIn(zone: string, date: Date): Day {
  return dayOfDate(new Date(date.getTime() + 1000 * offsetReader(zone)(date.getTime())));
}

export function isTimeZone(name: string): boolean {
  if (name === 'UTC') {
    return true; // Asking takes 20 ms the first time.
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Seconds by which the clocks of a zone are ahead of UTC, from a moment on (milliseconds since 1970). */
export interface ZoneOffset {
  from: number;
  seconds: number;
}

/** No zone changes its clocks twice in a shorter time. */
const STEP_MILLISECONDS = 7 * MILLISECONDS_PER_DAY;
const FIRST_MOMENT = Date.parse('1970-01-01T00:00:00Z');
const LAST_MOMENT = Date.parse('2050-01-01T00:00:00Z');

/**
 * Every change of a zone's clocks from 1970 to 2050, after the offset of 1970. Before and after that the first and the last
 * offset hold.
 */
export function zoneOffsets(zone: string): ZoneOffset[] {
  const secondsAt = offsetReader(zone);
  const offsets = [{ from: Number.NEGATIVE_INFINITY, seconds: secondsAt(FIRST_MOMENT) }];
  for (let moment = FIRST_MOMENT; moment < LAST_MOMENT; moment += STEP_MILLISECONDS) {
    const { seconds } = offsets[offsets.length - 1];
    const next = secondsAt(moment + STEP_MILLISECONDS);
    if (next !== seconds) {
      offsets.push({ from: changeBetween(secondsAt, moment, moment + STEP_MILLISECONDS), seconds: next });
    }
  }
  return offsets;
}

/** The first second with the offset that holds at `after`. */
function changeBetween(secondsAt: (moment: number) => number, before: number, after: number): number {
  const seconds = secondsAt(after);
  let [low, high] = [before / 1000, after / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    [low, high] = secondsAt(1000 * middle) === seconds ? [low, middle] : [middle, high];
  }
  return 1000 * high;
}

function offsetReader(zone: string): (moment: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    },
  });
  return (moment) => {
    const parts = Object.fromEntries(
      format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(moment / 1000);
  };
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
