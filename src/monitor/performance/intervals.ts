import { averagePrecision } from './average-precision.js';
import { bootstrapUsers, percentileInterval } from './bootstrap.js';
import { brier } from './brier.js';
import { delongInterval } from './delong.js';
import { logLoss } from './log-loss.js';
import type { Measured, Scores } from './measure.js';
import { rankedMeasures } from './ranked.js';
import type { MeasureId, MeasureValue } from './report.js';
import { rocAuc } from './roc-auc.js';
import { type LabelledRows, smallerClass, type UserCounts } from './users.js';

/** The measures of reports. */
export const REPORTED = { pr_auc: averagePrecision, roc_auc: rocAuc, log_loss: logLoss, brier } as const;

export const MEASURE_IDS = Object.keys(REPORTED) as MeasureId[];

/** With fewer users in a class there is no interval; below the second number it is flagged. */
const FEWEST_OF_CLASS = 20;
const ENOUGH_OF_CLASS = 50;

export interface ChanceOptions {
  seed: number | string;
  /** Bootstrap draws; default 1,000. */
  draws?: number;
}

/**
 * The reported measures with 95 % intervals. ROC AUC by DeLong where each user has one row, otherwise, and for
 * the others always, by a bootstrap over users. Intervals are null below 20 users of a class (DeLong covers 78 %
 * with 4, 88 % with 10), and flagged by a reason beside the value below 50. Both measures of ranking need both
 * classes here: with positives only, average precision is 1 whatever the scores.
 */
export function measuresWithIntervals(
  rows: LabelledRows,
  scores: Scores,
  counts: UserCounts,
  options: ChanceOptions,
): Record<MeasureId, MeasureValue> {
  const values = measuresOf(rows, scores, counts);
  const warning = sizeWarning(counts);
  const draws = warning?.withhold ? null : bootstrapUsers(rows.labels, [scores], rows.units, options)[0];
  const reported = (id: MeasureId): MeasureValue => {
    const { value, reason } = values[id];
    if (value === null) {
      return { value, interval: null, reason };
    }
    if (draws === null) {
      return { value, interval: null, reason: warning?.reason };
    }
    if (values.roc_auc.value === 1 && (id === 'roc_auc' || id === 'pr_auc')) {
      return { value, interval: null, reason: 'no interval: the scores separate the classes completely' };
    }
    const byDelong = id === 'roc_auc' && counts.oneRowPerUser;
    const interval = byDelong ? delongInterval(rows.labels, scores) : percentileInterval(draws[id]);
    return { value, interval, ...(warning && { reason: warning.reason }) };
  };
  return {
    pr_auc: reported('pr_auc'),
    roc_auc: reported('roc_auc'),
    log_loss: reported('log_loss'),
    brier: reported('brier'),
  };
}

/** The reported measures without intervals; those of ranking are null on one class. */
export function measuresOf(
  { labels }: LabelledRows,
  scores: Scores,
  counts: UserCounts,
): Record<MeasureId, Measured> {
  const { name, users } = smallerClass(counts);
  const ranked = rankedMeasures(labels, scores);
  const oneClass: Measured = { value: null, reason: `no ${name} rows: a ranking needs both classes` };
  return {
    ...(counts.rows > 0 && users === 0 ? { roc_auc: oneClass, pr_auc: oneClass } : ranked),
    log_loss: logLoss.of(labels, scores),
    brier: brier.of(labels, scores),
  };
}

function sizeWarning(counts: UserCounts): { withhold: boolean; reason: string } | null {
  const { name, users } = smallerClass(counts);
  if (users < FEWEST_OF_CLASS) {
    return {
      withhold: true,
      reason: `no interval: ${users} users with a ${name} row, ${FEWEST_OF_CLASS} are needed`,
    };
  }
  if (users < ENOUGH_OF_CLASS) {
    return {
      withhold: false,
      reason: `only ${users} users with a ${name} row: the interval may be too narrow`,
    };
  }
  return null;
}
