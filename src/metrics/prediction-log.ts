import type { Registry } from 'prom-client';
import { readCounter, readGauge } from './series.js';

export interface LogStats {
  buffered: number;
  written: number;
  dropped: number;
  failing: string | null;
}

export interface UpkeepStats {
  done: number;
  failed: number;
}

/** Whether every prediction is on record, and the record in order. */
export function predictionLogMetrics(
  registry: Registry,
  stats: () => LogStats,
  upkeep: (() => UpkeepStats) | null,
): void {
  const one = (value: number) => [{ labels: {}, value }];
  readCounter(
    registry,
    { name: 'churn_prediction_log_written_total', help: 'Predictions written to the log' },
    () => one(stats().written),
  );
  readCounter(
    registry,
    {
      name: 'churn_prediction_log_dropped_total',
      help: 'Predictions that were answered but not logged: the buffer was full or the disk refused',
    },
    () => one(stats().dropped),
  );
  readGauge(
    registry,
    { name: 'churn_prediction_log_buffered', help: 'Predictions that wait to be written' },
    () => one(stats().buffered),
  );
  readGauge(
    registry,
    {
      name: 'churn_prediction_log_failing',
      help: 'Whether the last write of the log failed, in any process',
      aggregator: 'max',
    },
    () => one(stats().failing === null ? 0 : 1),
  );
  readCounter(
    registry,
    {
      name: 'churn_prediction_log_compactions_total',
      help: 'Times that segments were made into files of days, by how it went',
      labels: ['result'],
    },
    () => {
      const { done, failed } = upkeep?.() ?? { done: 0, failed: 0 };
      return [
        { labels: { result: 'done' }, value: done },
        { labels: { result: 'failed' }, value: failed },
      ];
    },
  );
}
