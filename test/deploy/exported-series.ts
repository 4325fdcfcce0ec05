import { exportedMetrics } from '../metrics/exported.js';

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
  return new Set([
    ...OUTSIDE,
    ...exportedMetrics().flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
    ),
  ]);
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
