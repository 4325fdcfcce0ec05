import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** What the processes of one server say to each other. */
export type ToPrimary =
  | { kind: 'listening'; url: string; metricsUrl: string | null }
  | { kind: 'scrape'; id: number }
  | { kind: 'metrics'; id: number; metrics: MetricsJson }
  | { kind: 'reload' };

export type ToWorker =
  | { kind: 'measure'; id: number }
  | { kind: 'scraped'; id: number; text: string }
  | { kind: 'reload' }
  | { kind: 'stop' };

export type MetricsJson = MetricObjectWithValues<MetricValue<string>>[];
