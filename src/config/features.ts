import { z } from 'zod';

const eventTypes = z.union([z.literal('all'), z.string(), z.array(z.string()).nonempty()]);

const daily = z
  .union([
    z.strictObject({
      count: eventTypes.describe('Event type, list of types, or `all`: number of such events'),
    }),
    z.strictObject({
      sum: z.string().describe('Event column to add up; nulls count as 0; exact to a millionth'),
      of: eventTypes.default('all').describe('Event types that take part'),
    }),
    z.strictObject({
      mean: z.string().describe('Event column to average; null on a day without a value'),
      of: eventTypes.default('all').describe('Event types that take part'),
    }),
    z.strictObject({
      distinct: z.string().describe('Event column whose distinct values are counted'),
      of: eventTypes.default('all').describe('Event types that take part'),
    }),
  ])
  .describe('A column of that name: count, sum, mean or distinct');

const rolling = z
  .union([
    z.strictObject({ sum: z.string().describe('Daily column to add up over the window') }),
    z.strictObject({
      mean: z.string().describe('Daily column to average over the window, days without a value left out'),
    }),
    z.strictObject({ max: z.string().describe('Daily column whose largest value in the window is taken') }),
  ])
  .describe('Columns of that name, one per window: sum, mean or max');

const ratio = z
  .strictObject({
    numerator: z.string().describe('Rolling column on top'),
    denominator: z.array(z.string()).nonempty().describe('Rolling columns whose sum goes below'),
    empty: z.number().nullable().default(null).describe('Value where the denominator is 0; null: missing'),
  })
  .describe('A column of that name: numerator / sum of denominator');

/** The contract's features, as data: `daily` makes user_daily, the rest user_features_daily. */
export const REFERENCE_FEATURES = {
  daily: {
    total_events: { count: 'all' },
    logins_count: { count: 'login' },
    enroll_count: { count: 'course_enroll' },
    watch_minutes_sum: { sum: 'watch_minutes', of: 'video_watch' },
    quiz_attempts_count: { count: 'quiz_attempt' },
    quiz_avg_score: { mean: 'quiz_score', of: 'quiz_attempt' },
    payment_success_count: { count: 'payment_success' },
    payment_failed_count: { count: 'payment_failed' },
    support_ticket_count: { count: 'support_ticket' },
  },
  rolling: {
    active_days: { sum: 'is_active_day' },
    events: { sum: 'total_events' },
    logins: { sum: 'logins_count' },
    enroll: { sum: 'enroll_count' },
    watch_minutes: { sum: 'watch_minutes_sum' },
    quiz_attempts: { sum: 'quiz_attempts_count' },
    quiz_avg_score: { mean: 'quiz_avg_score' },
    payment_success: { sum: 'payment_success_count' },
    payment_failed: { sum: 'payment_failed_count' },
    support_ticket: { sum: 'support_ticket_count' },
  },
  ratios: {
    payment_fail_rate_30d: {
      numerator: 'payment_failed_30d',
      denominator: ['payment_success_30d', 'payment_failed_30d'],
      empty: 0,
    },
  },
} satisfies {
  daily: Record<string, z.input<typeof daily>>;
  rolling: Record<string, z.input<typeof rolling>>;
  ratios: Record<string, z.input<typeof ratio>>;
};

export const featuresSchema = z
  .strictObject({
    activity: eventTypes.default('all').describe('Event types that make a day an active day (is_active_day)'),
    daily: z
      .record(z.string(), daily)
      .default(REFERENCE_FEATURES.daily as never)
      .describe("Columns of user_daily: one aggregate of a user's events of a day each"),
    windows: z
      .array(z.number().int().min(1).max(730))
      .nonempty()
      .default([7, 14, 30])
      .describe('Lengths of the rolling windows in days, each ending on and including as_of_date'),
    rolling: z
      .record(z.string(), rolling)
      .default(REFERENCE_FEATURES.rolling as never)
      .describe('Columns of user_features_daily: NAME becomes NAME_7d and so on, one per window'),
    ratios: z
      .record(z.string(), ratio)
      .default(REFERENCE_FEATURES.ratios as never)
      .describe('Quotients of rolling columns'),
    recency: z
      .strictObject({
        days_since_last_activity: z
          .boolean()
          .default(true)
          .describe('Days since the last active day; days since sign-up when there was none'),
      })
      .default({ days_since_last_activity: true })
      .describe('Columns that say how long ago something happened'),
    static: z
      .array(z.string())
      .default(['plan', 'is_paid', 'country', 'marketing_source', 'engagement_score'])
      .describe(
        'Columns of users carried into every row; one that is not there is an error unless it is optional',
      ),
    optional: z
      .array(z.string())
      .default(['engagement_score'])
      .describe('Static columns that may be absent from the users'),
  })
  .describe("What user_daily and user_features_daily hold. The defaults are the contract's columns");

export type DailyAggregate = z.output<typeof daily>;
export type RollingAggregate = z.output<typeof rolling>;
export type EventTypes = z.output<typeof eventTypes>;
export { eventTypes };
