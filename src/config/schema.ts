import { z } from 'zod';
import { driftSchema } from './drift.js';
import { evaluationSchema } from './evaluation.js';
import { featuresSchema } from './features.js';
import { historySchema } from './history.js';
import { label, population } from './label.js';
import { notifySchema } from './notify.js';
import { policySchema } from './policy.js';
import { scheduleSchema, triggersSchema } from './schedule.js';
import { serveSchema } from './serve.js';
import { source, users } from './sources.js';
import { trainingSchema } from './training.js';

export const configSchema = z.strictObject({
  data: z.string().default('data').describe('Folder of tables, relative to the configuration file'),
  artifacts: z
    .string()
    .default('artifacts')
    .describe('Folder of models and reports, relative to the configuration file'),
  format: z.enum(['parquet', 'csv']).default('parquet').describe('Format of the tables that are written'),
  time_zone: z
    .string()
    .default('UTC')
    .describe('Zone whose days are counted, as in the IANA database: a change moves events to other days'),
  sources: z
    .strictObject({
      users: users.prefault({}).describe('One row per user'),
      events: source('the events', 'event_id, user_id, event_time, event_type', 'data/raw/events.parquet')
        .prefault({})
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
  history: historySchema,
  features: featuresSchema.prefault({}),
  label: label.prefault({ kind: 'inactivity' }).describe('What churn is'),
  population: population
    .default({ active_within_days: 30 })
    .describe('Which user-days are trained on, watched and judged. Default: users at risk'),
  training: trainingSchema.prefault({}),
  drift: driftSchema.prefault({}),
  evaluation: evaluationSchema.prefault({}),
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
  serve: serveSchema.prefault({}),
  schedule: scheduleSchema,
  triggers: triggersSchema,
  notify: notifySchema,
});

export type Config = z.output<typeof configSchema>;
export type LabelConfig = z.output<typeof label>;
export type Population = z.output<typeof population>;
export type SourceConfig = z.output<ReturnType<typeof source>>;
