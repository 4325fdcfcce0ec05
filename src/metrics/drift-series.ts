import type { Registry } from 'prom-client';
import type { DriftReport, DriftStatus } from '../monitor/drift/report.js';
import { readGauge, type Sample, single } from './series.js';

const STATUSES: readonly DriftStatus[] = ['OK', 'WARN', 'FAIL', 'INSUFFICIENT'];

export interface DriftSeries {
  /** Beginning of the names. */
  prefix: string;
  /** What the report is, for help. */
  what: string;
  /** Of several processes. */
  aggregator: 'first' | 'max';
}

/** The gauges of a drift report: PSI by feature, the largest one, and which status holds. */
export function driftGauges(
  registry: Registry,
  { prefix, what, aggregator }: DriftSeries,
  read: () => Promise<DriftReport | null>,
): void {
  readGauge(
    registry,
    { name: `${prefix}_psi`, help: `PSI of a feature in ${what}`, labels: ['feature'], aggregator },
    async () =>
      Object.entries((await read())?.psi_by_feature ?? {}).flatMap(([feature, psi]) =>
        psi === null ? [] : [{ labels: { feature }, value: psi }],
      ),
  );
  readGauge(registry, { name: `${prefix}_psi_max`, help: `Largest PSI in ${what}`, aggregator }, async () =>
    single((await read())?.overall_max_psi ?? null),
  );
  readGauge(
    registry,
    {
      name: `${prefix}_status`,
      help: `1 for the status of ${what}, 0 for the others`,
      labels: ['status'],
      aggregator,
    },
    async () => oneOf(STATUSES, (await read())?.status ?? null),
  );
}

/** 1 for the value that holds and 0 for the others; nothing when there is none. */
export function oneOf(values: readonly string[], holds: string | null): Sample[] {
  return holds === null
    ? []
    : values.map((status) => ({ labels: { status }, value: status === holds ? 1 : 0 }));
}
