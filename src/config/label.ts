import { z } from 'zod';
import { eventTypes } from './features.js';

const horizonDays = z
  .number()
  .int()
  .min(1)
  .max(730)
  .default(30)
  .describe('Days after as_of_date that decide');

/** What churn is. Without `kind`: inactivity. */
export const label = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z
      .literal('inactivity')
      .default('inactivity')
      .describe('inactivity: churned when there is no active day within the horizon'),
    horizon_days: horizonDays,
    events: eventTypes
      .optional()
      .describe('For inactivity: event types that count as activity here; default: features.activity'),
  }),
  z.strictObject({
    kind: z.literal('event').describe('event: churned when one of the named events comes within the horizon'),
    horizon_days: horizonDays,
    events: z
      .record(z.string(), z.string().describe('Kind of churn that this event type is, such as voluntary'))
      .describe(
        'For event: event type to kind of churn, for example `cancelled: voluntary`, `payment_expired: payment_failure`',
      ),
  }),
  z.strictObject({
    kind: z.literal('date').describe('date: churned when a date of the user falls within the horizon'),
    horizon_days: horizonDays,
    column: z.string().describe('Date column of users: cancellation or expiry; null while the user stays'),
    kind_column: z
      .string()
      .optional()
      .describe('Text column of users with the kind of churn; default: voluntary'),
  }),
]);

/** Which user-days count. */
export const population = z.union([
  z.literal('all').describe('Every user-day'),
  z.strictObject({
    active_within_days: z
      .number()
      .int()
      .min(1)
      .describe('User-days with an active day in so many last days; one of features.windows'),
  }),
  z.strictObject({ where: z.string().describe('SQL condition over user_features_daily') }),
]);

/** Which days of a user become training rows. */
export const sampling = z.union([
  z.literal('all').describe('Every day'),
  z.literal('weekly').describe('Every seventh day'),
  z.strictObject({ every_days: z.number().int().min(1).describe('Every n-th day') }),
]);
