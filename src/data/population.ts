import { longestWindow, samplingStep } from '../config/columns.js';
import type { Config } from '../config/schema.js';
import { addDays, type Day } from '../time.js';
import type { Engine } from './engine/engine.js';
import { identifier, raw, type Sql, sql } from './engine/sql.js';

/** The user-days that are trained on, watched and judged, as a condition over user_features_daily. */
export function inPopulation(config: Config): Sql {
  const { population } = config;
  if (population === 'all') {
    return raw('TRUE');
  }
  if ('where' in population) {
    return raw(`(${population.where}\n)`);
  }
  return sql`${identifier(`active_days_${population.active_within_days}d`)} > 0`;
}

/** The first day on which every rolling window is complete, when the events begin on `first`. */
export function firstCompleteDay(config: Config, first: Day): Day {
  return config.training.complete_windows ? addDays(first, longestWindow(config.features) - 1) : first;
}

/**
 * The sampled user-days: every n-th day of a user, staggered by the user's hash group so that each calendar day and
 * each weekday keeps its share.
 */
export function inSample(engine: Engine, config: Config): Sql {
  const step = samplingStep(config.training.sampling);
  if (step === 1) {
    return raw('TRUE');
  }
  return sql`(${engine.dialect.dayNumber(sql`as_of_date`)} + ${engine.dialect.unitGroup(sql`user_id`)}) % ${raw(String(step))} = 0`;
}

/** A day column between two days, the second not included. */
export function betweenDays(column: Sql, from: Day, to: Day): Sql {
  return sql`(${column} >= CAST(${from} AS DATE) AND ${column} < CAST(${to} AS DATE))`;
}
