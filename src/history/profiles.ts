import type { Day, Window } from '../time.js';

/** A mergeable profile of one window of a series. */
export interface StoredProfile<T = unknown> {
  /** Such as a version's name. */
  series: string;
  window: Window;
  body: T;
}

export interface ProfileSeries {
  series: string;
  /** The first day of the oldest profile that is not merged yet; null when there is none. */
  from: Day | null;
  /** Days before this one were merged; null when none were. */
  merged_until: Day | null;
}

/** Profiles of days, and of the months into which old days were merged. Windows of a series never overlap. */
export interface DailyProfiles {
  /** Writes or replaces a window. @throws history.conflict when it begins before the day up to which days were merged */
  putProfile(profile: StoredProfile): Promise<void>;
  /** Those whose windows lie within [from, to), oldest first. */
  profiles<T>(filter: { series: string; window: Window }): Promise<StoredProfile<T>[]>;
  profileSeries(): Promise<ProfileSeries[]>;
  /**
   * Puts one profile in the place of those within its window, made by `merge` from what is there, oldest first; from then
   * on nothing is written before the window's end. False, and nothing done, when there is none.
   */
  mergeProfiles<T>(
    series: string,
    window: Window,
    merge: (profiles: StoredProfile<T>[]) => T,
  ): Promise<boolean>;
}
