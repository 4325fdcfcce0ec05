import { type Calibration, calibration } from './calibration.js';
import { ece } from './ece.js';
import { type ChanceOptions, measuresWithIntervals } from './intervals.js';
import type { Measured, Scores } from './measure.js';
import type { MeasureId, MeasureValue } from './report.js';
import { countUsers, type LabelledRows } from './users.js';

/** What one labelled and scored sample says about a model. */
export interface SampleEvaluation {
  rows: number;
  positives: number;
  users: number;
  /** Null without rows. */
  positiveRate: number | null;
  measures: Record<MeasureId, MeasureValue>;
  /** Average precision over the positive rate, which is what chance reaches; null where undefined. */
  lift: number | null;
  ece: Measured;
  calibration: Calibration;
}

/**
 * Measures of a sample with intervals, and its calibration. Rows of one user are not independent: intervals
 * resample users. The same seed gives the same intervals.
 *
 * @throws ChurnError data.invalid for lengths that differ, labels other than 0 and 1, scores outside [0, 1]
 */
export function evaluateSample(
  sample: LabelledRows & { scores: Scores },
  options: ChanceOptions,
): SampleEvaluation {
  const { labels, scores } = sample;
  const fitted = calibration(labels, scores);
  const counts = countUsers(sample);
  const { rows, positives, users } = counts;
  const positiveRate = rows === 0 ? null : positives / rows;
  const measures = measuresWithIntervals(sample, scores, counts, options);
  const precision = measures.pr_auc.value;
  return {
    rows,
    positives,
    users,
    positiveRate,
    measures,
    lift: precision === null || !positiveRate ? null : precision / positiveRate,
    ece: ece.of(labels, scores),
    calibration: fitted,
  };
}
