import type { MeasureId } from '../monitor/performance/report.js';
import type { Sample } from './series.js';

const MEASURES: readonly MeasureId[] = ['pr_auc', 'roc_auc', 'log_loss', 'brier'];

/** One sample per measure; none for a measure that is undefined. */
export function measureSamples(read: (id: MeasureId) => number | null | undefined): Sample[] {
  return MEASURES.flatMap((measure) => {
    const value = read(measure) ?? null;
    return value === null ? [] : [{ labels: { measure }, value }];
  });
}
