import { z } from 'zod';
import { eventTypes, featuresSchema } from './features.js';

const column = z.union([
  z.string().describe('Name of a column in the files'),
  z.strictObject({ sql: z.string().describe('SQL expression over the columns of the files') }),
]);

const source = (what: string, needed: string) =>
  z.strictObject({
    files: z.string().describe(`Path or glob of ${what}, relative to the configuration file`),
    format: z
      .enum(['auto', 'parquet', 'csv', 'jsonl'])
      .default('auto')
      .describe('auto: by the ending of the path'),
    columns: z
      .record(z.string(), column)
      .default({})
      .describe(
        `Our column name: the name there, or \`{sql: EXPRESSION}\`. Unnamed columns keep their names. Needed: ${needed}`,
      ),
    where: z
      .string()
      .optional()
      .describe('SQL condition over the columns of the files; other rows are left out'),
  });

const label = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('inactivity').describe('Churned when there is no active day within the horizon'),
    horizon_days: z.number().int().min(1).max(730).default(30).describe('Days after as_of_date that decide'),
    events: eventTypes.default('all').describe('Event types that count as activity here'),
  }),
  z.strictObject({
    kind: z.literal('event').describe('Churned when one of the named events comes within the horizon'),
    horizon_days: z.number().int().min(1).max(730).default(30).describe('Days after as_of_date that decide'),
    events: z
      .record(z.string(), z.string())
      .describe(
        'Event type: kind of churn, for example `cancelled: voluntary`, `payment_expired: payment_failure`',
      ),
  }),
  z.strictObject({
    kind: z.literal('date').describe('Churned when a date of the user falls within the horizon'),
    horizon_days: z.number().int().min(1).max(730).default(30).describe('Days after as_of_date that decide'),
    column: z.string().describe('Date column of users: cancellation or expiry; null while the user stays'),
    kind_column: z
      .string()
      .optional()
      .describe('Text column of users with the kind of churn; default: voluntary'),
  }),
]);

const population = z.union([
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

const sampling = z.union([
  z.literal('all').describe('Every day'),
  z.literal('weekly').describe('Every seventh day'),
  z.strictObject({ every_days: z.number().int().min(1).describe('Every n-th day') }),
]);

const share = z.number().gt(0).lt(1);

export const policySchema = z
  .strictObject({
    drift: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether drift may call for a retrain'),
        max_psi: z.number().positive().default(0.25).describe('Largest PSI that is borne'),
        checks: z
          .strictObject({
            of: z.number().int().min(1).default(1).describe('How many of the newest checks are looked at'),
            needed: z.number().int().min(1).default(1).describe('How many of them must have failed'),
          })
          .default({ of: 1, needed: 1 })
          .describe('Persistence before the rule fires'),
      })
      .prefault({})
      .describe('Rule: the data have moved'),
    performance: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether a fall may call for a retrain'),
        measure: z
          .enum(['pr_auc', 'roc_auc', 'log_loss', 'brier'])
          .default('pr_auc')
          .describe('Measure that is watched'),
        fall: z.number().positive().default(0.1).describe('Fall against the held-out record that is borne'),
        mode: z
          .enum(['relative', 'absolute'])
          .default('relative')
          .describe('relative: share of the record; absolute: points'),
        beyond_noise: z
          .boolean()
          .default(true)
          .describe('Whether the fall must also exceed its sampling error'),
      })
      .prefault({})
      .describe('Rule: matured predictions were worse than promised'),
    schedule: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether age may call for a retrain'),
        every_days: z
          .number()
          .int()
          .min(1)
          .default(30)
          .describe('Age of the champion that is borne, in days'),
      })
      .prefault({})
      .describe('Rule: the champion is old'),
    new_data: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether new labels may call for a retrain'),
        days: z
          .number()
          .int()
          .min(1)
          .default(30)
          .describe("Days of new labels since the champion's training data"),
      })
      .prefault({})
      .describe('Rule: much has been learnt since'),
    cooldown: z
      .strictObject({
        days: z.number().int().min(0).default(7).describe('Days after a retrain in which there is no other'),
      })
      .prefault({})
      .describe('Veto: a retrain was just tried'),
    broken_feed: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether a broken feed forbids a retrain'),
        null_share: share
          .default(0.5)
          .describe('Share of nulls in a feature, new since training, from which the feed counts as broken'),
        volume_share: share
          .default(0.5)
          .describe('Share of the rows of earlier checks below which the feed counts as broken'),
      })
      .prefault({})
      .describe('Veto: the data are broken, learning from them would spoil the model'),
    evidence_max_age_days: z.number().int().min(1).default(14).describe('Older reports are not evidence'),
  })
  .describe('When to retrain');

export const configSchema = z.strictObject({
  data: z.string().default('data').describe('Folder of tables, relative to the configuration file'),
  artifacts: z
    .string()
    .default('artifacts')
    .describe('Folder of models and reports, relative to the configuration file'),
  format: z.enum(['parquet', 'csv']).default('parquet').describe('Format of the tables that are written'),
  sources: z
    .strictObject({
      users: source('the users', 'user_id, signup_date')
        .prefault({ files: 'data/raw/users.parquet' })
        .describe('One row per user'),
      events: source('the events', 'event_id, user_id, event_time, event_type')
        .prefault({ files: 'data/raw/events.parquet' })
        .describe('One row per event'),
    })
    .prefault({})
    .describe('Where the data come from'),
  engine: z
    .strictObject({
      memory: z
        .string()
        .regex(/^\d+(\.\d+)?\s?(MB|MiB|GB|GiB)$/, 'a size such as 2GB')
        .default('2GB')
        .describe('Memory limit of DuckDB; beyond it, it spills'),
      threads: z.number().int().min(1).default(2).describe('Threads of DuckDB and of training'),
      spill: z
        .string()
        .default('data/.spill')
        .describe('Folder for what does not fit into memory, relative to the configuration file'),
    })
    .prefault({})
    .describe('The SQL engine'),
  history: z
    .strictObject({
      url: z
        .string()
        .default('sqlite:artifacts/history.db')
        .describe('`sqlite:PATH`, relative to the configuration file'),
    })
    .prefault({})
    .describe('Where runs, reports and aliases are kept'),
  features: featuresSchema.prefault({}),
  label: label.prefault({ kind: 'inactivity' }).describe('What churn is'),
  population: population
    .default({ active_within_days: 30 })
    .describe('Which user-days are trained on, watched and judged. Default: users at risk'),
  training: z
    .strictObject({
      trainer: z.enum(['xgboost', 'linear']).default('xgboost').describe('What train and retrain use'),
      sampling: sampling.default('weekly').describe('Which days of a user become rows of the training set'),
      complete_windows: z
        .boolean()
        .default(true)
        .describe('Whether rows start only when the longest window is complete'),
      exclude: z.array(z.string()).default([]).describe('Columns that the model may not see'),
      test_share: share.default(0.2).describe('Newest part of the labelled days, held out for measuring'),
      validation_share: share
        .default(0.2)
        .describe('Newest part of the remaining days, for early stopping and calibration'),
      purge_days: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe('Gap between the parts in days; default: the label horizon'),
      seed: z.number().int().default(42).describe('Seed of everything random'),
      rounds: z.number().int().min(1).default(400).describe('Most boosting rounds'),
      early_stopping_rounds: z
        .number()
        .int()
        .min(1)
        .default(30)
        .describe('Rounds without progress on validation before stopping'),
      calibrate: z
        .boolean()
        .default(true)
        .describe('Whether to calibrate the probabilities (Platt) where that lowers log loss'),
      xgboost: z
        .record(z.string(), z.union([z.string(), z.number()]))
        .default({
          max_depth: 4,
          eta: 0.05,
          min_child_weight: 20,
          subsample: 0.8,
          colsample_bytree: 0.6,
          lambda: 5,
        })
        .describe('Parameters of XGBoost, as its documentation names them'),
      linear: z
        .record(z.string(), z.union([z.string(), z.number()]))
        .default({ eta: 1, lambda: 0.001 })
        .describe("Parameters of the linear baseline (XGBoost's gblinear)"),
    })
    .prefault({})
    .describe('How a model is trained'),
  drift: z
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
      warn: z.number().positive().default(0.1).describe('PSI above which a feature warns'),
      fail: z.number().positive().default(0.25).describe('PSI above which a feature fails'),
      significance: share.default(0.05).describe('False discovery rate over the features of one check'),
      compat: z
        .enum(['none', 'section-12'])
        .default('none')
        .describe("section-12: the described system's numbers"),
    })
    .prefault({})
    .describe('The drift check'),
  evaluation: z
    .strictObject({
      lateness_days: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('Days that events may come late; outcomes wait for them'),
      draws: z.number().int().min(200).default(1000).describe('Bootstrap draws behind the intervals'),
    })
    .prefault({})
    .describe('Judging matured predictions'),
  gate: z
    .strictObject({
      measure: z
        .enum(['pr_auc', 'roc_auc', 'log_loss', 'brier'])
        .default('pr_auc')
        .describe('Measure in which a challenger must win'),
      minimum_gain: z
        .number()
        .default(0)
        .describe('The one-sided 95 % lower bound of the gain must lie above this'),
      minimum_per_class: z
        .number()
        .int()
        .min(1)
        .default(100)
        .describe('Rows of each class that a comparison needs'),
    })
    .prefault({})
    .describe('When a challenger is promoted'),
  policy: policySchema.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type LabelConfig = z.output<typeof label>;
export type Population = z.output<typeof population>;
export type Sampling = z.output<typeof sampling>;
export type SourceConfig = z.output<ReturnType<typeof source>>;
export type TrainingConfig = Config['training'];
export type PolicyConfig = z.output<typeof policySchema>;
