import { type Day, daysBetween } from '../time.js';
import type { Dated, Evidence } from './rule.js';

/** The reports that a rule may use: either some, or none and why. */
export interface Usable<T> {
  /** Fresh, about the champion, one a day (the newest of that day), newest first. */
  fresh: Dated<T>[];
  /** The same with the old ones: they tell since when something holds, never whether it does. */
  all: Dated<T>[];
  /** Why `fresh` is empty; '' when it is not. */
  reason: string;
}

/**
 * Leaves out what is no evidence: reports about another version than the champion, of after the day of the decision,
 * and older than `maxAgeDays`.
 * @param what how the reports are called in the reason, in the singular: "drift check".
 */
export function usable<T>(
  reports: readonly Dated<T>[],
  evidence: Evidence,
  maxAgeDays: number,
  what: string,
): Usable<T> {
  const version = evidence.champion?.version;
  if (version === undefined) {
    return { fresh: [], all: [], reason: 'there is no champion to judge' };
  }
  const past = reports.filter((report) => report.at <= evidence.at);
  const all = newestOfEachDay(past.filter((report) => report.version === version));
  const fresh = all.filter((report) => daysBetween(report.at, evidence.at) <= maxAgeDays);
  if (fresh.length > 0) {
    return { fresh, all, reason: '' };
  }
  if (all.length > 0) {
    const age = daysBetween(all[0].at, evidence.at);
    const reason = `the newest ${what} of ${version} is of ${all[0].at}, ${age} days old; older than ${maxAgeDays} days is no evidence`;
    return { fresh, all, reason };
  }
  const other = past[0] ? `; the newest is of ${past[0].version ?? 'no version'}` : '';
  return { fresh, all, reason: `there is no ${what} of the champion ${version} yet${other}` };
}

/** A check repeated on one day counts once, or k of n checks could be met within an hour. */
function newestOfEachDay<T>(reports: Dated<T>[]): Dated<T>[] {
  const newestFirst = reports.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  return newestFirst.filter((report, index) => index === 0 || report.at !== newestFirst[index - 1].at);
}

/**
 * The day on which a condition first held in the unbroken run of reports that ends with the newest; null when it does
 * not hold in the newest. Reports without an answer (null) neither hold nor break the run.
 */
export function heldSince<T>(
  newestFirst: readonly Dated<T>[],
  holds: (report: T) => boolean | null,
): Day | null {
  let since: Day | null = null;
  for (const { at, report } of newestFirst) {
    const answer = holds(report);
    if (answer === false) {
      return since;
    }
    since = answer === true ? at : since;
  }
  return since;
}
