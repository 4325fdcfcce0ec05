import type { History } from '../../src/history/history.js';
import { openMetrics } from '../../src/metrics/index.js';

export interface ExportedMetric {
  name: string;
  help: string;
  type: string;
  labelNames: string[];
}

/** What `serve` exports with everything switched on, in the order of the scraped text. */
export function exportedMetrics(): ExportedMetric[] {
  const { registry } = openMetrics({
    inFlight: () => 0,
    served: () => null,
    encoding: () => null,
    logStats: () => ({ buffered: 0, written: 0, dropped: 0, failing: null }),
    logUpkeep: () => ({ done: 0, failed: 0 }),
    liveDrift: () => null,
    history: {} as History,
    spool: () => ({ waiting: 0, refused: 0 }),
    clock: () => new Date(0),
  });
  const metrics = registry.getMetricsAsArray() as unknown as (Omit<ExportedMetric, 'type'> & {
    type?: string;
  })[];
  return metrics.map((metric) => ({ ...metric, type: metric.type ?? typeOf(metric) }));
}

/** prom-client tells the type by the class. */
function typeOf(metric: object): string {
  return metric.constructor.name.toLowerCase();
}
