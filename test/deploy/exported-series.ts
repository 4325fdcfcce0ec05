import type { Registry } from 'prom-client';
import type { History } from '../../src/history/history.js';
import { openMetrics } from '../../src/metrics/index.js';

/** What rules and panels may take from kube-state-metrics and from Prometheus itself. */
const OUTSIDE = [
  'up',
  'kube_cronjob_created',
  'kube_cronjob_spec_suspend',
  'kube_cronjob_status_last_successful_time',
  'kube_job_created',
  'kube_job_failed',
  'kube_job_owner',
];

/** Names of all series that the API exports, histograms with their three parts, and those from outside. */
export function exportedSeries(): Set<string> {
  const { registry } = openMetrics({
    inFlight: () => 0,
    served: () => null,
    encoding: () => null,
    logStats: () => ({ buffered: 0, written: 0, dropped: 0, failing: null }),
    liveDrift: () => null,
    history: {} as History,
    clock: () => new Date(0),
  });
  return new Set([
    ...OUTSIDE,
    ...registered(registry).flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
    ),
  ]);
}

function registered(registry: Registry): { name: string; type?: string }[] {
  return registry.getMetricsAsArray() as unknown as { name: string; type?: string }[];
}

/** Names of series in a PromQL text: ours, kube-state-metrics', `up`, and names of recording rules. */
export function seriesIn(query: string): string[] {
  const withoutTexts = query.replace(/"[^"]*"/g, '""');
  return [
    ...withoutTexts.matchAll(
      /\b(?:(?:churn|kube|nodejs|process|namespace)_[a-z0-9_]*(?::[a-z0-9_]+)*|up)\b(?=[\s{[)]|$)/g,
    ),
  ]
    .map(([name]) => name)
    .filter((name) => !['namespace'].includes(name));
}
