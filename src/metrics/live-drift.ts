import type { Registry } from 'prom-client';
import type { DriftReport } from '../monitor/drift/report.js';
import { driftGauges } from './drift-series.js';
import { readGauge, single } from './series.js';

export interface LiveDriftReport {
  rows: number;
  report: DriftReport;
}

/** Drift of the served rows. With several processes each watches its own share; the largest figure is shown. */
export function liveDriftMetrics(registry: Registry, read: () => LiveDriftReport | null): void {
  driftGauges(
    registry,
    { prefix: 'churn_live_drift', what: 'the rows served lately', aggregator: 'max' },
    async () => read()?.report ?? null,
  );
  readGauge(registry, { name: 'churn_live_drift_rows', help: 'Served rows that live drift rests on' }, () =>
    single(read()?.rows ?? null),
  );
}
