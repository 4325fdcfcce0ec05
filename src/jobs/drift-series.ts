import { ChurnError } from '../error.js';
import { tableDrift } from '../monitor/drift/judge.js';
import type { DriftReport } from '../monitor/drift/report.js';
import { sumOf } from '../monitor/profile/sum.js';
import type { Project } from '../open.js';
import { addDays, type Day, dayNumber, dayOfNumber, type Window } from '../time.js';
import { asOfDay } from './as-of.js';
import { requireChampion } from './champion.js';
import { countedDays, keptDays } from './daily-profiles.js';
import { driftOptions } from './drift.js';
import { championProfile, requireDisjoint } from './drift-windows.js';

export interface DriftPeriod {
  from: Day;
  /** The first day after it. */
  to: Day;
  report: DriftReport;
}

export interface DriftSeries {
  version: string;
  by: 'day' | 'week';
  reference: Window | null;
  periods: DriftPeriod[];
}

export interface SeriesOptions {
  at: Day | null;
  by: 'day' | 'week';
  /** Days that are shown; null: 28 days, or 12 weeks. */
  window: Window | null;
  statistic: string | null;
  /** Sums the daily profiles that checks kept in history, without reading data. */
  kept?: boolean;
}

/**
 * Each day or week of a range against the champion's training days, from one scan. Weeks end with the range; a first part of
 * a week is left out. Nothing is written to history: a series looks back, it is no check.
 */
export async function driftSeries(project: Project, options: SeriesOptions): Promise<DriftSeries> {
  const champion = await requireChampion(project);
  const at = await asOfDay(project, options.at);
  const length = options.by === 'day' ? 1 : 7;
  const range = options.window ?? {
    from: addDays(at, 1 - (options.by === 'day' ? 28 : 84)),
    to: addDays(at, 1),
  };
  const reference = await championProfile(project, champion);
  const window = options.window === null ? afterTraining(range, reference.window, length) : range;
  requireDisjoint(reference.window, window, "the champion's training days");
  const days = await (options.kept ? keptDays : countedDays)(project, champion, window);
  const judged = { ...driftOptions(project, champion, options.statistic), unitAware: true };
  const periods: DriftPeriod[] = [];
  for (let to = dayNumber(window.to); to - length >= dayNumber(window.from); to -= length) {
    const parts = Array.from({ length }, (_, i) => days.get(to - length + i)).filter(
      (part) => part !== undefined,
    );
    const current = sumOf(parts);
    if (current !== null) {
      periods.unshift({
        from: dayOfNumber(to - length),
        to: dayOfNumber(to),
        report: tableDrift(reference, current, judged),
      });
    }
  }
  if (periods.length === 0) {
    throw new ChurnError('data.empty', {
      expected: `user-days of the population from ${window.from} to ${addDays(window.to, -1)}`,
      came: 'none',
      fix: 'choose other days with --window or --at',
    });
  }
  return { version: champion.version, by: options.by, reference: reference.window, periods };
}

/** The default range begins after the training days, at a whole number of periods before its end. */
function afterTraining(range: Window, training: Window | null, length: number): Window {
  if (training === null || range.from >= training.to) {
    return range;
  }
  const free = dayNumber(range.to) - dayNumber(training.to);
  const kept = Math.max(1, Math.floor(free / length)) * length;
  return { from: addDays(range.to, -kept), to: range.to };
}
