import { z } from 'zod';

const line = (byDefault: string, what: string) =>
  z.string().default(byDefault).describe(`When to ${what}: a cron expression, or \`off\``);

export const scheduleSchema = z
  .strictObject({
    drift: line('0 1 * * *', 'build the missing days and check for drift'),
    score: line('0 2 * * *', 'score every user and evaluate matured predictions'),
    retrain: line('0 3 * * 0', 'retrain'),
    time_zone: z
      .string()
      .default('Etc/UTC')
      .describe('Time zone of the cron expressions, as in the IANA database'),
    deadline_minutes: z
      .number()
      .positive()
      .default(60)
      .describe(
        'A run that could not begin in time is made up for within this, and recorded as missed later',
      ),
    poll_seconds: z
      .number()
      .positive()
      .max(60)
      .default(5)
      .describe('How often the clock and the open triggers are looked at'),
    stop_seconds: z
      .number()
      .min(0)
      .default(45)
      .describe('After SIGTERM: how long a running job is waited for before it is ended'),
  })
  .prefault({})
  .describe('The lines of `churn-mlops schedule`');

export type ScheduleConfig = z.output<typeof scheduleSchema>;

/** The lines of the schedule, in the order in which they are run when they are due at once. */
export const LINE_NAMES = ['drift', 'score', 'retrain'] as const;
export type LineName = (typeof LINE_NAMES)[number];

export const triggersSchema = z
  .strictObject({
    runner: z
      .enum(['scheduler', 'kubernetes', 'none'])
      .default('scheduler')
      .describe(
        'Who starts `retrain --if-needed` for a trigger: `churn-mlops schedule`, the server as a Kubernetes Job, or nobody before the next retrain',
      ),
    cronjob: z
      .string()
      .min(1)
      .default('churn-retrain-weekly')
      .describe('CronJob from which the server creates the Job of a trigger'),
    namespace: z.string().default('').describe("Namespace of that CronJob; empty: the server's own"),
  })
  .prefault({})
  .describe('What is done about POST /admin/retrain and POST /hooks/alertmanager');

export type TriggersConfig = z.output<typeof triggersSchema>;
