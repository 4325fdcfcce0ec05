import { ChurnError, messageOf } from '../error.js';
import type { Removed } from '../history/history.js';
import { mergeTables } from '../monitor/profile/merge.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import { addDays, type Day, dayOfDate } from '../time.js';
import { recorded } from './record.js';

export interface TidyResult extends Removed {
  /** Days before this one were merged into months. */
  merged_before: Day;
  /** Months that were merged now. */
  months: { series: string; month: string }[];
  /** Months that stay in days, because their profiles were not counted over the same bins. */
  unmerged: { series: string; month: string; because: string }[];
}

/**
 * Merges the daily profiles of months that are over for `history.merge_days`, and forgets what is older than
 * `history.keep_days`. Counts and ranges add up exactly; sums are added day after day, in the order of the days.
 */
export async function tidyHistory(project: Project): Promise<TidyResult> {
  return recorded(project, { command: 'history tidy' }, async () => {
    const { history, config, clock } = project;
    const today = dayOfDate(clock());
    const mergedBefore = firstOfMonth(addDays(today, -config.history.merge_days));
    const merged = await mergeMonths(project, mergedBefore);
    const removed = await history.forget(new Date(`${addDays(today, -config.history.keep_days)}T00:00:00Z`));
    const value: TidyResult = { merged_before: mergedBefore, ...merged, ...removed };
    return { value, result: { ...value } };
  });
}

async function mergeMonths(
  { history }: Project,
  before: Day,
): Promise<Pick<TidyResult, 'months' | 'unmerged'>> {
  const months: TidyResult['months'] = [];
  const unmerged: TidyResult['unmerged'] = [];
  for (const { series, from } of await history.profileSeries()) {
    for (let month = firstOfMonth(from ?? before); month < before; month = nextMonth(month)) {
      const named = { series, month: month.slice(0, 7) };
      try {
        const window = { from: month, to: nextMonth(month) };
        const done = await history.mergeProfiles<TableProfile>(series, window, (profiles) => ({
          ...profiles.map(({ body }) => body).reduce(mergeTables),
          window,
        }));
        if (done) {
          months.push(named);
        }
      } catch (error) {
        if (!(error instanceof ChurnError && error.code === 'model.mismatch')) {
          throw error;
        }
        unmerged.push({ ...named, because: messageOf(error) });
      }
    }
  }
  return { months, unmerged };
}

const firstOfMonth = (day: Day): Day => `${day.slice(0, 7)}-01`;

/** 31 days after its first day a month is over, and the next one is not. */
const nextMonth = (month: Day): Day => firstOfMonth(addDays(month, 31));
