import { dayOfNumber } from '../../time.js';
import { type Change, changeFrom } from './change.js';
import type { EvaluationOptions } from './evaluate.js';
import { MEASURE_IDS } from './intervals.js';
import type { MeasureId, MeasureValue } from './report.js';
import { groupRows, measureSlice, rowsOf, type ScoredRows, type Slice } from './slice.js';

export const PERIODS = ['day', 'week', 'month'] as const;
export type PeriodKind = (typeof PERIODS)[number];

/** What a version reached on its held-out rows, of the same sampling and population. */
export interface HeldOutRecord {
  measures: Record<MeasureId, MeasureValue>;
  positive_rate: number | null;
}

/** Predictions of one day, week or month. */
export interface PeriodSlice extends Slice {
  /** Against the record; null without one, or where a value is undefined. */
  change: Record<MeasureId, Change | null> | null;
  /** Lift of average precision over the positive rate, less that of the record: PR-AUC alone moves with the rate. */
  lift_change: number | null;
}

/** Name of the period of a day: the day itself, the Monday of its week, or its month. */
export function periodOf(day: number, kind: PeriodKind): string {
  switch (kind) {
    case 'day':
      return dayOfNumber(day);
    case 'week':
      // Day 0 was a Thursday.
      return dayOfNumber(day - ((((day + 3) % 7) + 7) % 7));
    case 'month':
      return dayOfNumber(day).slice(0, 7);
  }
}

/**
 * Measures of each period, oldest first, against what the version reached when it was trained. `days` holds the day
 * number of each row.
 */
export function overTime(
  sample: ScoredRows,
  days: ArrayLike<number>,
  { kind, record }: { kind: PeriodKind; record: HeldOutRecord | null },
  options: EvaluationOptions,
): PeriodSlice[] {
  const names = Array.from(days, (day) => periodOf(day, kind));
  return [...groupRows(names)].map(([name, rows]) => {
    const slice = measureSlice(name, rowsOf(sample, rows), options);
    return { ...slice, ...againstRecord(slice, record) };
  });
}

function againstRecord(
  { measures, pr_auc_lift }: Slice,
  record: HeldOutRecord | null,
): Pick<PeriodSlice, 'change' | 'lift_change'> {
  if (record === null) {
    return { change: null, lift_change: null };
  }
  const change = Object.fromEntries(
    MEASURE_IDS.map((id) => [id, changeFrom(record.measures[id], measures[id])]),
  ) as Record<MeasureId, Change | null>;
  const { value } = record.measures.pr_auc;
  const then = value === null || !record.positive_rate ? null : value / record.positive_rate;
  return { change, lift_change: then === null || pr_auc_lift === null ? null : pr_auc_lift - then };
}
