import type { TableProfile } from '../profile/profile.js';
import { sumOf, sumsOutside } from '../profile/sum.js';
import { DEFAULT_SIGNIFICANCE } from './feature.js';
import { adjusted, type TableDriftOptions, tableFeatures } from './judge.js';

/** One day of the reference, with its profile over the reference's bins. */
export interface ReplayDay {
  /** Number of the day since 1970-01-01. */
  day: number;
  profile: TableProfile;
}

/** What a daily check would have found on a day of the reference, against its other days. */
export interface ReplayedCheck {
  day: number;
  features: {
    name: string;
    /** Absolute effect; null when undefined. */
    effect: number | null;
    /** The effect over the fail level; 0 where there is no evidence. */
    reach: number;
  }[];
}

export interface ReplayOptions extends TableDriftOptions {
  /** Days of a current window. */
  windowDays: number;
}

/**
 * Plays the daily check back over the reference: every window of it against all days outside it. Nothing drifted there by
 * definition, so that whatever is called is what noise, seasons and shocks shared by all users do. Each window counts
 * as units with several rows when the table has units, since a merged window cannot tell.
 */
export function replayReference(days: readonly ReplayDay[], options: ReplayOptions): ReplayedCheck[] {
  const profiles = days.map(({ profile }) => profile);
  const outside = sumsOutside(profiles);
  const checks: ReplayedCheck[] = [];
  for (let end = options.windowDays; end <= days.length; end++) {
    const from = end - options.windowDays;
    const [reference, current] = [outside(from, end), sumOf(profiles.slice(from, end))];
    if (reference === null || current === null) {
      continue;
    }
    const features = tableFeatures(reference, current, {
      ...options,
      unitAware: reference.units !== null,
    });
    const significance = options.significance ?? DEFAULT_SIGNIFICANCE;
    const borneOut = adjusted(
      features.map((feature) => ({ ...feature, status: feature.value === null ? 'INSUFFICIENT' : 'FAIL' })),
      significance,
      options.adjustment ?? 'benjamini_hochberg',
    );
    checks.push({
      day: days[end - 1].day,
      features: borneOut.map(({ name, value, levels, status }) => ({
        name,
        effect: value === null ? null : Math.abs(value),
        reach: status === 'FAIL' ? Math.abs(value ?? 0) / levels.fail : 0,
      })),
    });
  }
  return checks;
}

/** "At most `pages` in `days`", of a check that pages when `needed` of the last `of` checks failed. */
export interface AlarmBudget {
  pages: number;
  days: number;
  needed: number;
  of: number;
}

export interface Calibration {
  /** All levels are multiplied by this; at least 1. */
  scale: number;
  replayed_days: number;
  /** Pages over the replayed days, with the levels as they were and as they are now. */
  pages_before: number;
  pages: number;
  /** The rate that is so achieved, and the one that was asked for. */
  pages_a_year: number;
  asked_a_year: number;
}

const YEAR = 365.25;

/**
 * The smallest factor on all levels that keeps the pages of the replayed reference within the budget. Windows of
 * neighbouring days overlap, so a run of days in which the check pages is one page. Null without replayed days.
 */
export function calibrate(checks: readonly ReplayedCheck[], budget: AlarmBudget): Calibration | null {
  if (checks.length === 0) {
    return null;
  }
  const reaches = checks.map(({ features }) => Math.max(0, ...features.map(({ reach }) => reach)));
  const allowed = (budget.pages * checks.length) / budget.days;
  // Only beyond 1 and at the reaches themselves does the number of pages change.
  const candidates = [1, ...reaches.filter((reach) => reach > 1).sort((a, b) => a - b)];
  const scale = candidates.find((candidate) => pagesOf(reaches, candidate, budget) <= allowed) ?? 1;
  const pages = pagesOf(reaches, scale, budget);
  return {
    scale,
    replayed_days: checks.length,
    pages_before: pagesOf(reaches, 1, budget),
    pages,
    pages_a_year: (pages * YEAR) / checks.length,
    asked_a_year: (budget.pages * YEAR) / budget.days,
  };
}

/** Runs of days on which at least `needed` of the last `of` checks were beyond `scale`. */
function pagesOf(reaches: readonly number[], scale: number, { needed, of }: AlarmBudget): number {
  let [pages, paging] = [0, false];
  reaches.forEach((_, i) => {
    const failed = reaches.slice(Math.max(0, i + 1 - of), i + 1).filter((reach) => reach > scale).length;
    const now = failed >= needed;
    pages += now && !paging ? 1 : 0;
    paging = now;
  });
  return pages;
}

/** Fewest of the reference's own windows that levels are learnt from. */
export const FEWEST_WINDOWS = 8;

/**
 * Levels of each feature from the reference's own windows: mean plus 3 standard deviations of their effects for FAIL, plus 2
 * for WARN, where that is above the level given. By weekday: of windows that end on the same day of the week as `day`.
 * Windows that do not overlap are taken, unless by weekday, where they are a week apart. Features of fewer than
 * eight windows are left out.
 */
export function learntLevels(
  checks: readonly ReplayedCheck[],
  options: { windowDays: number; weekdayOf: number | null },
): Record<string, { warn: number; fail: number; windows: number }> {
  const taken = checks.filter(({ day }, i) =>
    options.weekdayOf === null ? i % options.windowDays === 0 : (day - options.weekdayOf) % 7 === 0,
  );
  const effects = new Map<string, number[]>();
  for (const { name, effect } of taken.flatMap(({ features }) => features)) {
    if (effect !== null) {
      effects.set(name, [...(effects.get(name) ?? []), effect]);
    }
  }
  return Object.fromEntries(
    [...effects]
      .filter(([, list]) => list.length >= FEWEST_WINDOWS)
      .map(([name, list]) => {
        const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
        const squares = list.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        const deviation = Math.sqrt(squares / (list.length - 1));
        return [name, { warn: mean + 2 * deviation, fail: mean + 3 * deviation, windows: list.length }];
      }),
  );
}
