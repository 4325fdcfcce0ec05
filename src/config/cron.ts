import { Cron } from 'croner';
import { messageOf } from '../error.js';

/** The due times of a line of the schedule. */
export interface CronLine {
  /** The first due time after an instant; null when there is none. */
  next(after: Date): Date | null;
  /** The newest due time at or before an instant; null when there is none. */
  newest(until: Date): Date | null;
  /** Due times after `from` up to and including `until`, newest first, at most `most`. */
  between(from: Date, until: Date, most: number): Date[];
}

/** What is wrong with a cron expression in a time zone; null when nothing is. */
export function cronProblem(expression: string, timeZone: string): string | null {
  try {
    return cronLine(expression, timeZone).next(new Date(0)) === null ? 'it is never due' : null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Reads a cron expression: five fields, six with seconds first, or a word such as @daily. @throws Error of croner */
export function cronLine(expression: string, timeZone: string): CronLine {
  const cron = new Cron(expression, { timezone: timeZone, paused: true });
  // Croner looks strictly before the reference, in whole seconds.
  const upTo = (until: Date, most: number) =>
    cron.previousRuns(most, new Date(Math.floor(until.getTime() / 1000) * 1000 + 1000));
  return {
    next: (after) => cron.nextRun(after),
    newest: (until) => upTo(until, 1)[0] ?? null,
    between: (from, until, most) => upTo(until, most).filter((due) => due > from),
  };
}
