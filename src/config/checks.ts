import { z } from 'zod';

/** Ids of src/data/checks/index.ts, in its order; a test compares. */
export const CHECK_IDS = [
  'columns',
  'empty',
  'types',
  'nulls',
  'duplicates',
  'unknown_users',
  'gaps',
  'future',
  'freshness',
  'last_day',
  'volume',
  'event_types',
  'before_signup',
  'values',
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

const severity = z
  .enum(['error', 'warning', 'off'])
  .describe('error: stops the pipeline; warning: is shown; off: is not looked for');

/** A check is set by a severity alone, or by a map of it and settings of its own. */
function check<T extends z.ZodRawShape>(what: string, settings: T) {
  const whole = z.strictObject({
    severity: severity.optional().describe('In place of the severity that the check gives itself'),
    ...settings,
  });
  return z
    .union([severity, whole])
    .transform((given) => (typeof given === 'string' ? whole.parse({ severity: given }) : given))
    .prefault({} as never)
    .describe(what);
}

const names = (what: string) =>
  z
    .array(z.string())
    .optional()
    .describe(`${what} that are expected; others are told, so that a change of the feed shows`);

/** How each data check is meant: one key a check. */
export const checksSchema = z
  .strictObject({
    columns: check('Columns that are missing, or not expected', {
      users: names('Columns of the users'),
      events: names('Columns of the events'),
    }),
    empty: check('Sources without rows', {}),
    types: check('Values that cannot be read as what they should be', {}),
    nulls: check('Missing values', {}),
    duplicates: check('Ids that repeat', {}),
    unknown_users: check('Events of users that are not in the user table', {}),
    gaps: check('Days without events', {}),
    future: check('Events of days that have not come', {}),
    freshness: check('Age of the newest event. Looked for once `within_days` or a severity is set', {
      within_days: z.number().int().min(0).optional().describe('Days that the newest event may lie back'),
    }),
    last_day: check('A last day that breaks off', {}),
    volume: check('Events of the last day against the weekly pattern', {
      weeks: z.number().int().min(4).default(8).describe('Weeks that the pattern is learnt from'),
      share: z
        .number()
        .gt(0)
        .lt(1)
        .default(0.6)
        .describe('A day with less than this share of the usual, or more than 1 over it, is told'),
      collapse: z
        .number()
        .min(0)
        .lt(1)
        .default(0.4)
        .describe('Share of the usual below which it is an error, when no severity is set'),
    }),
    event_types: check('Event types that do not occur, or are not expected', {
      known: names('Event types'),
    }),
    before_signup: check('Events before the sign-up of their user', {}),
    values: check('Values out of their range', {}),
  })
  .prefault({})
  .describe('Data checks of `validate`: a severity, or a map of it and settings');
