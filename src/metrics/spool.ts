import type { Registry } from 'prom-client';
import { readCounter, readGauge } from './series.js';

export interface SpoolStats {
  waiting: number;
  refused: number;
}

/** What history has not been told yet. */
export function spoolMetrics(registry: Registry, stats: () => SpoolStats): void {
  readGauge(
    registry,
    {
      name: 'churn_spool_entries',
      help: 'Entries on disk that wait for history to be back',
      aggregator: 'max',
    },
    () => [{ labels: {}, value: stats().waiting }],
  );
  readCounter(
    registry,
    {
      name: 'churn_spool_refused_total',
      help: 'Entries that were refused since too many waited for history',
    },
    () => [{ labels: {}, value: stats().refused }],
  );
}
