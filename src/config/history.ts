import { z } from 'zod';

const seconds = (byDefault: number) => z.number().positive().max(3600).default(byDefault);
const days = (byDefault: number) => z.number().int().min(1).default(byDefault);

export const historySchema = z
  .strictObject({
    url: z
      .string()
      .default('sqlite:artifacts/history.db')
      .describe(
        '`sqlite:PATH`, relative to the configuration file, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`',
      ),
    migrate: z
      .enum(['auto', 'manual'])
      .default('auto')
      .describe(
        'auto: an older schema is brought up to date at start; manual: by `churn-mlops migrate` only',
      ),
    connections: z.number().int().min(1).default(4).describe('Most connections of one process to the server'),
    connect_seconds: seconds(5).describe('Longest time to get a connection to the server'),
    statement_seconds: seconds(30).describe('Longest time of one statement on the server'),
    lock_seconds: seconds(10).describe("Longest wait on the server for another transaction's lock"),
    patience_seconds: z
      .number()
      .min(0)
      .default(30)
      .describe('Longest time in which work is tried again while the history is busy or away'),
    lease_seconds: seconds(60).describe('How long other hosts wait for a job whose process died'),
    keep_days: days(400).describe('Days after which `history tidy` removes reports and finished runs'),
    merge_days: days(92).describe('Days after which `history tidy` merges the profiles of a month into one'),
  })
  .prefault({})
  .describe('Where runs, reports and aliases are kept');
