import { Registry } from 'prom-client';
import type { Encoding } from '../model/encode.js';
import type { Clock } from '../time.js';
import { type LiveDriftReport, liveDriftMetrics } from './live-drift.js';
import { type ModelMetrics, modelMetrics, type ServedVersion } from './model.js';
import { type JobResults, monitorMetrics } from './monitor.js';
import { type LogStats, predictionLogMetrics, type UpkeepStats } from './prediction-log.js';
import { type PredictionMetrics, predictionMetrics } from './predictions.js';
import { processMetrics } from './process.js';
import { type RequestMetrics, requestMetrics } from './requests.js';
import { type SpoolStats, spoolMetrics } from './spool.js';

/** Where the groups read what they do not count themselves. */
export interface MetricSources {
  inFlight(): number;
  served(): ServedVersion | null;
  /** Of the version that answers. */
  encoding(): Encoding | null;
  /** Null: there is no log. */
  logStats: (() => LogStats) | null;
  /** Null: the log is not tended here. */
  logUpkeep: (() => UpkeepStats) | null;
  /** Null: live drift is off. */
  liveDrift: (() => LiveDriftReport | null) | null;
  /** Null: no history to read results of jobs from. */
  history: JobResults | null;
  spool(): SpoolStats;
  clock: Clock;
}

export interface ServeMetrics {
  registry: Registry;
  requests: RequestMetrics;
  predictions: PredictionMetrics;
  model: ModelMetrics;
}

/** Every group of series, in the order of the scraped text. */
export function openMetrics(sources: MetricSources): ServeMetrics {
  const registry = new Registry();
  const requests = requestMetrics(registry, sources.inFlight);
  const predictions = predictionMetrics(registry, sources.encoding);
  const model = modelMetrics(registry, sources.served);
  if (sources.logStats !== null) {
    predictionLogMetrics(registry, sources.logStats, sources.logUpkeep);
  }
  if (sources.liveDrift !== null) {
    liveDriftMetrics(registry, sources.liveDrift);
  }
  if (sources.history !== null) {
    monitorMetrics(registry, sources.history, sources.clock);
  }
  spoolMetrics(registry, sources.spool);
  processMetrics(registry);
  return { registry, requests, predictions, model };
}

/** What `GET /metrics` answers with. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Puts the metrics of several processes (each from getMetricsAsJSON) together. */
export { AggregatorRegistry } from 'prom-client';
