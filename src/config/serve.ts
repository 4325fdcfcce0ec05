import { z } from 'zod';

/**
 * Who may do what: predict (scores), read (users, drift, documents), outcomes (tell them), webhook (alerts), admin (reload,
 * retrain, and alerts too).
 */
const SCOPES = ['predict', 'read', 'outcomes', 'webhook', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const key = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_.-]{1,64}$/, 'letters, digits, dots, dashes')
    .describe('Whose key it is; shown in logs'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
    .describe("The key's SHA-256 in hex: `printf %s KEY | sha256sum`. The key itself is never stored"),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .default(['predict', 'read'])
    .describe('What it may do: predict, read, outcomes (tell them), webhook (alerts), admin'),
});

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => z.number().int().min(least).max(most);

export const limitsSchema = z
  .strictObject({
    body_megabytes: z.number().positive().max(512).default(16).describe('Largest request body in MiB'),
    batch_rows: whole(1).default(10_000).describe('Most rows of one request'),
    explained_rows: whole(1).default(100).describe('Most rows of one request that asks for explanations'),
    in_flight: whole(1)
      .default(2000)
      .describe('Requests at the same time in each process; further ones get 503 and Retry-After'),
    large_in_flight: whole(1)
      .default(8)
      .describe('Of these, requests with a body of more than 256 KiB: they hold memory'),
    requests_per_minute: whole(0)
      .default(0)
      .describe('Of one key (or address, where there are no keys) in each process; 0: no limit'),
    request_seconds: z.number().positive().default(30).describe('Longest time to send a request'),
    answer_seconds: z.number().positive().default(60).describe('Longest time to answer a batch'),
    keep_alive_seconds: z
      .number()
      .positive()
      .default(75)
      .describe(
        'Idle connections are closed after this; must exceed the idle time of a load balancer in front',
      ),
  })
  .describe('What one caller may ask for');

export const predictionLogSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether predictions are logged'),
    folder: z
      .string()
      .default('data/prediction_log')
      .describe('Folder of the log, relative to the configuration file'),
    flush_seconds: z
      .number()
      .positive()
      .default(1)
      .describe('Predictions are on disk after at most this; a crash loses no more'),
    buffer_rows: whole(1)
      .default(100_000)
      .describe('Predictions held in memory; further ones are dropped and counted'),
    compact_minutes: z
      .number()
      .positive()
      .default(60)
      .describe('How often the server makes one file of each day of what was written'),
    keep_days: whole(1)
      .optional()
      .describe('Days of the log that are kept, today included; without it all. They hold personal data'),
  })
  .describe('The record of every prediction');

export const serveSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for all'),
    port: whole(0, 65_535).default(8000).describe('Port; 0 takes a free one'),
    workers: whole(1, 256).default(1).describe('Processes that answer'),
    tls: z
      .strictObject({
        cert: z
          .string()
          .describe('File with the certificate chain (PEM), relative to the configuration file'),
        key: z.string().describe('File with its private key (PEM), relative to the configuration file'),
      })
      .optional()
      .describe('Serve HTTPS; without it HTTP'),
    auth: z
      .enum(['auto', 'required', 'none'])
      .default('auto')
      .describe(
        'Whether callers need a key. auto: unless bound to a loopback address. none: something in front checks',
      ),
    keys: z
      .array(key)
      .default([])
      .describe('Keys that callers may use; several, so that they can be changed'),
    limits: limitsSchema.prefault({}),
    metrics_port: whole(0, 65_535)
      .optional()
      .describe('Port of its own for /metrics, which the main port then does not have'),
    reload_seconds: z.number().positive().default(5).describe('How often the champion alias is looked at'),
    prediction_log: predictionLogSchema.prefault({}),
    spool: z
      .strictObject({
        folder: z
          .string()
          .default('data/spool')
          .describe(
            'Folder, relative to the configuration file, for what history must be told while it is away',
          ),
        most: whole(1).default(10_000).describe('Entries that may wait; further ones get 503'),
      })
      .prefault({})
      .describe('What is kept while history is away'),
    live_drift: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe('Whether served rows are compared with the reference profile'),
      })
      .prefault({})
      .describe('Drift of the served rows'),
    users: z
      .strictObject({
        most: whole(1)
          .default(1_000_000)
          .describe(
            'Users whose newest features are held in memory (about 4 bytes per column and 100 per user)',
          ),
      })
      .prefault({})
      .describe('Scores by user id'),
    drain_seconds: z
      .number()
      .min(0)
      .default(5)
      .describe('After SIGTERM: how long /ready says 503 while requests are still accepted'),
    stop_seconds: z
      .number()
      .positive()
      .default(25)
      .describe('After SIGTERM: when to end at the latest; less than the grace period of Kubernetes'),
    log_level: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('What is logged; debug has a line for each request'),
  })
  .describe('The API');

export type ServeConfig = z.output<typeof serveSchema>;
