import type { Config } from './schema.js';

export interface ColumnLayout {
  /** user_daily: user_id, as_of_date, the aggregates, is_active_day, days_since_signup, the user's columns. */
  daily: string[];
  /** What user_features_daily adds: rolling columns, ratios, recency. */
  derived: string[];
  /** The user's columns, as far as the users have them. */
  statics: string[];
}

/** Names that the pipeline makes itself. */
export const BUILT_IN_DAILY = ['is_active_day', 'days_since_signup'] as const;

export function rollingName(name: string, window: number): string {
  return `${name}_${window}d`;
}

/** The columns of the tables that a configuration describes; `present` are the columns that the users really have. */
export function columnLayout(features: Config['features'], present?: readonly string[]): ColumnLayout {
  const statics = features.static.filter(
    (name) => !features.optional.includes(name) || present === undefined || present.includes(name),
  );
  const rolling = features.windows.flatMap((window) =>
    Object.keys(features.rolling).map((name) => rollingName(name, window)),
  );
  return {
    daily: [
      'user_id',
      'as_of_date',
      ...Object.keys(features.daily),
      ...BUILT_IN_DAILY,
      'signup_date',
      ...statics,
    ],
    derived: [
      ...rolling,
      ...Object.keys(features.ratios),
      ...(features.recency.days_since_last_activity ? ['days_since_last_activity'] : []),
    ],
    statics,
  };
}

/** Days of history that the longest window needs, the day itself included. */
export function longestWindow(features: Config['features']): number {
  return Math.max(...features.windows);
}

/** Every n-th day becomes a row of the training set. */
export function samplingStep(sampling: Config['training']['sampling']): number {
  return sampling === 'all' ? 1 : sampling === 'weekly' ? 7 : sampling.every_days;
}

/** Days between the newest training row and the oldest test row, so that no label day is seen twice. */
export function purgeDays(config: Config): number {
  return config.training.purge_days ?? config.label.horizon_days;
}
