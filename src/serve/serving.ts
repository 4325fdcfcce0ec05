import type { FastifyReply } from 'fastify';
import type { ServeConfig } from '../config/serve.js';
import type { ServeMetrics } from '../metrics/index.js';
import type { Tracing } from '../tracing/tracing.js';
import type { TriggerStarter } from '../triggers/starter.js';
import type { Spool } from './history/spool.js';
import type { WatchedHistory } from './history/watched.js';
import type { ReloadResult } from './parts.js';
import type { PredictParts } from './prediction.js';
import type { Upkeep } from './prediction-log/upkeep.js';
import type { LateLog } from './server-log.js';
import type { UserFeatures } from './user-features.js';

/** Everything that routes work with. */
export interface Serving extends PredictParts {
  settings: ServeConfig;
  metrics: ServeMetrics;
  /** Null: there is no feature table to look users up in. */
  users: UserFeatures | null;
  /** The text that Prometheus scrapes, of all processes together. */
  scrape(): Promise<string>;
  /** Looks at the champion alias now, in all processes; tells how this one fared. */
  reload(): Promise<ReloadResult>;
  history: Pick<WatchedHistory, 'state'>;
  /** Tells history what it must know, also while that is away. */
  spool: Spool;
  /** Null: nobody collects traces. */
  tracing: Tracing | null;
  /** Starts jobs for triggers; null: somebody else does (triggers.runner). */
  starter: TriggerStarter | null;
  /** Tends the prediction log; null: there is none. */
  upkeep: Upkeep | null;
  life: Life;
  /** Filled when the server is built. */
  serverLog: LateLog;
}

/** Where the process stands. */
export interface Life {
  /** Set by SIGTERM: not ready any more, connections are closed after their answer. */
  draining: boolean;
  /** Answers that have not ended yet. */
  readonly replies: Set<FastifyReply>;
  /** How many of them are to a large body. */
  largeInFlight: number;
}

export function newLife(): Life {
  return { draining: false, replies: new Set(), largeInFlight: 0 };
}
