import { Counter, Gauge, type Registry } from 'prom-client';
import { addToTally, readCounter, readHistogram, type Tally } from './series.js';

/** Reasons for which a request was turned away. */
export const REJECTIONS = [
  'invalid',
  'unauthorized',
  'forbidden',
  'too_large',
  'media_type',
  'rate_limited',
  'overloaded',
  'timeout',
  'no_model',
] as const;
export type Rejection = (typeof REJECTIONS)[number];

/**
 * Seconds. 1 is the bound of the latency alert. Prometheus 3 writes it `1.0`: a query that names a bucket takes 0.25 or
 * 0.5, or `le=~"1|1.0"`.
 */
export const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export interface RequestMetrics {
  /** A known route: its series are there, at 0, before the first request. */
  announce(method: string, path: string): void;
  /** Counted when the request has ended. */
  ended(method: string, path: string, status: number, seconds: number): void;
  rejected(reason: Rejection): void;
}

/** Rate, errors and duration by route: the contract's series, and what was turned away. */
export function requestMetrics(registry: Registry, inFlight: () => number): RequestMetrics {
  const registers = [registry];
  const routes: RouteCounts[] = [];
  const byPath = new Map<string, Map<string, RouteCounts>>();
  const countsOf = (method: string, path: string): RouteCounts => {
    let byMethod = byPath.get(path);
    if (byMethod === undefined) {
      byMethod = new Map();
      byPath.set(path, byMethod);
    }
    let counts = byMethod.get(method);
    if (counts === undefined) {
      counts = newRouteCounts(method, path);
      byMethod.set(method, counts);
      routes.push(counts);
    }
    return counts;
  };
  readCounter(
    registry,
    {
      name: 'churn_api_requests_total',
      help: 'Requests answered, by method, route template and status',
      labels: ['method', 'path', 'status'],
    },
    () =>
      routes.flatMap(({ statuses, latency }) =>
        [...statuses].map(([status, value]) => ({
          labels: { ...latency.labels, status: String(status) },
          value,
        })),
      ),
  );
  readHistogram(
    registry,
    {
      name: 'churn_api_request_latency_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labels: ['method', 'path'],
    },
    LATENCY_BUCKETS,
    () => routes.map(({ latency }) => latency),
  );
  const rejections = new Counter({
    name: 'churn_api_requests_rejected_total',
    help: 'Requests turned away, by reason',
    labelNames: ['reason'],
    registers,
  });
  new Gauge({
    name: 'churn_api_requests_in_flight',
    help: 'Requests that are being answered',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  for (const reason of REJECTIONS) {
    rejections.inc({ reason }, 0);
  }
  return {
    announce: (method, path) => {
      const { statuses } = countsOf(method, path);
      statuses.set(200, 0).set(500, 0);
    },
    ended: (method, path, status, seconds) => {
      const { statuses, latency } = countsOf(METHODS.has(method) ? method : 'OTHER', path);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      addToTally(latency, LATENCY_BUCKETS, seconds);
    },
    rejected: (reason) => rejections.inc({ reason }),
  };
}

interface RouteCounts {
  /** Requests by status. */
  statuses: Map<number, number>;
  latency: Tally;
}

function newRouteCounts(method: string, path: string): RouteCounts {
  const buckets = new Float64Array(LATENCY_BUCKETS.length + 1);
  return { statuses: new Map(), latency: { labels: { method, path }, buckets, sum: 0 } };
}
