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
    compat: z
      .enum(['none', 'section-12', 'evidently', 'nannyml'])
      .default('none')
      .describe('Whose bins, zero rules and verdicts to repeat: section-12 is the described system'),
  })
  .describe('The drift check');
