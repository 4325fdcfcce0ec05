import type { CronLine } from '../config/cron.js';

/** What is to be done about a line of the schedule at an instant. */
export type Verdict =
  /** Nothing has been due since the line is known. */
  | { does: 'nothing' }
  /** The line is new: what was due before is nobody's fault. `due` is where its record begins. */
  | { does: 'begin'; due: Date }
  | { does: 'run'; due: Date; missed: Date[] }
  /** Too late to make up for. */
  | { does: 'miss'; missed: Date[] };

/** Missed due times that are named; older ones are not. */
const MOST_MISSED = 100;

/**
 * Judges a line by its newest due time and by what is on record, never by how long this process has slept: that holds after
 * a downtime, when the clock leaps, and when it goes back. Of several missed due times the newest one is made up for.
 * @param known due times on record, in milliseconds since 1970
 */
export function judge(
  cron: CronLine,
  known: readonly number[],
  { now, deadlineMilliseconds }: { now: Date; deadlineMilliseconds: number },
): Verdict {
  const due = cron.newest(now);
  if (due === null) {
    return { does: 'nothing' };
  }
  if (known.length === 0) {
    return { does: 'begin', due };
  }
  const earlier = known.filter((time) => time < due.getTime());
  if (earlier.length === 0) {
    // The newest due time is the first on record, or older than the record because the clock went back.
    return { does: 'nothing' };
  }
  const last = new Date(earlier.reduce((a, b) => Math.max(a, b)));
  const since = cron.between(last, due, MOST_MISSED).reverse();
  return now.getTime() - due.getTime() > deadlineMilliseconds
    ? { does: 'miss', missed: since }
    : { does: 'run', due, missed: since.slice(0, -1) };
}
