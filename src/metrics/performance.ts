import type { Registry } from 'prom-client';
import type { EvaluationReport, MeasureId } from '../monitor/performance/report.js';
import { readGauge, type Sample, single } from './series.js';

const MEASURES: readonly MeasureId[] = ['pr_auc', 'roc_auc', 'log_loss', 'brier'];

/** One sample per measure; none for a measure that is undefined. */
export function measureSamples(read: (id: MeasureId) => number | null | undefined): Sample[] {
  return MEASURES.flatMap((measure) => {
    const value = read(measure) ?? null;
    return value === null ? [] : [{ labels: { measure }, value }];
  });
}

/** How good the newest matured predictions were, with intervals, and on how many of them that rests. */
export function performanceGauges(registry: Registry, read: () => Promise<EvaluationReport | null>): void {
  readGauge(
    registry,
    {
      name: 'churn_performance_measure',
      help: 'A measure of the newest matured predictions; absent while undefined',
      labels: ['measure'],
      aggregator: 'first',
    },
    async () => {
      const report = await read();
      return measureSamples((id) => report?.[id]);
    },
  );
  for (const [i, bound] of (['low', 'high'] as const).entries()) {
    readGauge(
      registry,
      {
        name: `churn_performance_measure_${bound}`,
        help: `${bound === 'low' ? 'Lower' : 'Upper'} bound of the 95 % interval of churn_performance_measure`,
        labels: ['measure'],
        aggregator: 'first',
      },
      async () => {
        const report = await read();
        return measureSamples((id) => report?.intervals?.[id]?.[i]);
      },
    );
  }
  readGauge(
    registry,
    { name: 'churn_performance_sample_size', help: 'Predictions with a known outcome', aggregator: 'first' },
    async () => single((await read())?.sample_size ?? null),
  );
  readGauge(
    registry,
    {
      name: 'churn_performance_positive_ratio',
      help: 'Share of them that churned; PR-AUC moves with it',
      aggregator: 'first',
    },
    async () => single((await read())?.positive_rate ?? null),
  );
}
