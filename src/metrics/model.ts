import { Counter, type Registry } from 'prom-client';
import type { MeasureId, MeasureValue } from '../monitor/performance/report.js';
import { measureSamples } from './performance.js';
import { readGauge, type Sample } from './series.js';

/** What the group wants to know of a loaded version. */
export interface ServedVersion {
  version: string;
  trainer: string;
  created_at: string;
  /** Day as of which it was trained. */
  at: string;
  /** Of its held-out days; those that its record has. */
  measures?: Partial<Record<MeasureId, Pick<MeasureValue, 'value'>>>;
}

export interface Reload {
  at: string;
  outcome: 'swapped' | 'unchanged' | 'failed';
}

export interface ModelMetrics {
  reloaded(reload: Reload): void;
}

const OUTCOMES = ['swapped', 'unchanged', 'failed'] as const;

/** Which version answers, how old it is, and how reloads went. */
export function modelMetrics(registry: Registry, served: () => ServedVersion | null): ModelMetrics {
  let last: Reload | null = null;
  const ofVersion = (value: (version: ServedVersion) => Sample): Sample[] => {
    const version = served();
    return version === null ? [] : [value(version)];
  };
  readGauge(
    registry,
    {
      name: 'churn_model_info',
      help: 'Always 1; the labels tell the version that answers',
      labels: ['name', 'version', 'alias', 'trainer'],
      aggregator: 'max',
    },
    () =>
      ofVersion(({ version, trainer }) => ({
        labels: { name: 'churn', version, alias: 'champion', trainer },
        value: 1,
      })),
  );
  readGauge(
    registry,
    {
      name: 'churn_model_trained_timestamp_seconds',
      help: 'When the version that answers was trained; its age is time() less this',
      aggregator: 'min',
    },
    () => ofVersion(({ created_at }) => ({ labels: {}, value: secondsOf(created_at) })),
  );
  readGauge(
    registry,
    {
      name: 'churn_model_data_timestamp_seconds',
      help: 'Day as of which the version that answers was trained: what it knows ends there',
      aggregator: 'min',
    },
    () => ofVersion(({ at }) => ({ labels: {}, value: secondsOf(at) })),
  );
  readGauge(
    registry,
    {
      name: 'churn_model_measure',
      help: 'A measure of the version that answers, on the days held out from it: what matured predictions are held against',
      labels: ['measure'],
      aggregator: 'max',
    },
    () => measureSamples((id) => served()?.measures?.[id]?.value),
  );
  readGauge(
    registry,
    {
      name: 'churn_model_loaded',
      help: 'Whether a version is loaded; with several processes, whether it is in all of them',
      aggregator: 'min',
    },
    () => [{ labels: {}, value: served() === null ? 0 : 1 }],
  );
  const reloads = new Counter({
    name: 'churn_model_reloads_total',
    help: 'Looks at the champion alias, by outcome; failed: the old version goes on answering',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of OUTCOMES) {
    reloads.inc({ outcome }, 0);
  }
  readGauge(
    registry,
    {
      name: 'churn_model_last_reload_success',
      help: 'Whether the last look at the champion alias went well',
      aggregator: 'min',
    },
    () => (last === null ? [] : [{ labels: {}, value: last.outcome === 'failed' ? 0 : 1 }]),
  );
  readGauge(
    registry,
    {
      name: 'churn_model_last_reload_timestamp_seconds',
      help: 'When the champion alias was last looked at',
      aggregator: 'min',
    },
    () => (last === null ? [] : [{ labels: {}, value: secondsOf(last.at) }]),
  );
  return {
    reloaded: (reload) => {
      last = reload;
      reloads.inc({ outcome: reload.outcome });
    },
  };
}

function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}
