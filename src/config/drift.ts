import { z } from 'zod';

const share = z.number().gt(0).lt(1);

/** Ids of src/monitor/drift/index.ts, which a test compares. */
export const STATISTIC_IDS = [
  'psi',
  'jensen_shannon',
  'hellinger',
  'total_variation',
  'l_infinity',
  'kolmogorov_smirnov',
  'wasserstein',
  'chi_squared',
  'kl',
  'mean_shift',
  'missing_rate',
  'unseen_rate',
  'out_of_range_rate',
] as const;

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day as YYYY-MM-DD');
const level = z.number().positive();

/** How the newest days are compared with what the champion learnt from. */
export const driftSchema = z
  .strictObject({
    features: z
      .array(z.string())
      .default([
        'active_days_7d',
        'watch_minutes_7d',
        'watch_minutes_30d',
        'quiz_attempts_7d',
        'days_since_last_activity',
      ])
      .describe('Columns that are watched'),
    current_days: z.number().int().min(1).default(7).describe('Days of the current window'),
    statistic: z
      .enum(STATISTIC_IDS)
      .default('psi')
      .describe('What judges the features that it applies to; PSI judges the others'),
    warn: level.default(0.1).describe('PSI above which a feature warns'),
    fail: level.default(0.25).describe('PSI above which a feature fails'),
    by_feature: z
      .record(
        z.string(),
        z
          .strictObject({
            statistic: z.enum(STATISTIC_IDS).optional().describe('What judges this feature'),
            warn: level.optional().describe("Its warn level; default: the statistic's"),
            fail: level.optional().describe("Its fail level; default: the statistic's"),
          })
          .describe('One feature'),
      )
      .default({})
      .describe('Statistic and levels of single features'),
    significance: share.default(0.05).describe('False discovery rate over the features of one check'),
    adjustment: z
      .enum(['benjamini_hochberg', 'benjamini_yekutieli', 'none'])
      .default('benjamini_hochberg')
      .describe(
        'How p-values are adjusted for several features; benjamini_yekutieli holds however features depend',
      ),
    status: z
      .strictObject({
        by: z
          .enum(['worst', 'share'])
          .default('worst')
          .describe('worst: the worst feature decides; share: the share of features in drift'),
        warn: share.default(0.1).describe('Share of features in drift from which the check warns'),
        fail: share.default(0.3).describe('Share of features in drift above which the check fails'),
      })
      .prefault({})
      .describe('How the status of a check follows from its features'),
    against: z
      .union([
        z.enum(['training', 'previous']),
        z
          .strictObject({ from: day.describe('First day'), to: day.describe('Last day') })
          .describe('A window of days'),
      ])
      .default('training')
      .describe(
        "Reference: the champion's training days, the period before the current one, or a fixed window",
      ),
    segments: z
      .array(z.string())
      .default([])
      .describe('Columns by whose values the same check is repeated, for example plan'),
    scores: z
      .boolean()
      .default(false)
      .describe(
        "Whether the champion's scores are compared too, with those of its test days (reported beside the status)",
      ),
    multivariate: z
      .boolean()
      .default(false)
      .describe(
        'Whether a classifier also tries to tell the current rows from the reference (reported beside the status)',
      ),
    levels: z
      .enum(['fixed', 'learnt', 'learnt_by_weekday'])
      .default('fixed')
      .describe(
        "learnt: raised to what the reference's own windows do (mean + 2 and 3 standard deviations); by_weekday: those that end on the same weekday",
      ),
    false_alarms: z
      .strictObject({
        pages: z.number().positive().default(1).describe('Pages that are borne'),
        days: z.number().int().min(1).default(91).describe('Days in which they are borne'),
      })
      .nullable()
      .default(null)
      .describe(
        'Budget that the levels are raised to keep, found by replaying the daily check over the reference; a page is what policy.drift.checks calls persistent',
      ),
    compat: z
      .enum(['none', 'section-12', 'evidently', 'nannyml'])
      .default('none')
      .describe('Whose bins, zero rules and verdicts to repeat: section-12 is the described system'),
  })
  .describe('The drift check');
