import { averagePrecision, averagePrecisionOf } from './average-precision.js';
import { bootstrapBins } from './binned-bootstrap.js';
import { bootstrapUsers, DEFAULT_DRAWS } from './bootstrap.js';
import { brier } from './brier.js';
import { delongVariance } from './delong.js';
import { intervalOnScale, LOG, LOGIT, logitError, rateInterval, type Scale } from './interval.js';
import { jackknifeUsers } from './jackknife.js';
import { logLoss } from './log-loss.js';
import type { Measured, Scores } from './measure.js';
import { obuchowskiVariance } from './obuchowski.js';
import type { Ranking } from './ranking.js';
import type { Interval, MeasureId, MeasureValue } from './report.js';
import type { Draws } from './resample.js';
import { rocAuc, rocAucOf } from './roc-auc.js';
import { type LabelledRows, smallerClass, type UserCounts, withoutGaps } from './users.js';

/** The measures of reports. */
export const REPORTED = { pr_auc: averagePrecision, roc_auc: rocAuc, log_loss: logLoss, brier } as const;

export const MEASURE_IDS = Object.keys(REPORTED) as MeasureId[];

/** With fewer users in a class there is no interval; below the second number it is flagged. */
const FEWEST_OF_CLASS = 20;
const ENOUGH_OF_CLASS = 50;

/** Up to so many users the jackknife leaves out each of them once; it costs about what the bootstrap's draws do. */
const JACKKNIFE_USERS = 1_000;

/** From so many rows on, bins are counted instead of rows; with one row a user, bins are drawn instead of users. */
const BINNED_ROWS = 50_000;

/** Rows with their scores, and the counts of each score. */
export interface RankedRows extends LabelledRows {
  scores: Scores;
  ranking: Ranking;
}

/** Many rows of many users get fewer draws, at least 200: the width of an interval is then known to 5 %. */
const MOST_ROW_DRAWS = 2_000_000_000;
const FEWEST_DRAWS = 200;

export interface ChanceOptions {
  seed: number | string;
  /** Bootstrap draws; default 1,000. 0: no intervals. */
  draws?: number;
}

/** How far a value may be from the truth by the choice of users: its standard error on a scale, from samples of them. */
export interface Spread {
  draws: Draws;
  /** Standard error of a value from its values in the samples; null when fewer than nine in ten are defined. */
  errorOf(values: ArrayLike<number>): number | null;
  /** Degrees of freedom of that error: users of the smaller class less one; Infinity where there are many. */
  degrees: number;
}

/**
 * Samples of users for standard errors. Few users: the jackknife, which with 50 of a class covers 93 to 96 % where the
 * bootstrap covers 91 to 95 % (docs/coverage.md). More: the bootstrap; over bins where there are very many, one row each.
 */
export function spreadOf(
  { labels, units: numbers, scores, ranking }: RankedRows,
  threshold: number | undefined,
  counts: UserCounts,
  { seed, draws = DEFAULT_DRAWS }: ChanceOptions,
): Spread {
  const model = { scores, threshold };
  const units = withoutGaps(numbers, counts.users);
  const binned = counts.rows >= BINNED_ROWS;
  if (counts.users <= JACKKNIFE_USERS) {
    const inflate = (counts.users - 1) / Math.sqrt(counts.users);
    return {
      draws: jackknifeUsers(labels, model, units, binned),
      errorOf: (values) => scaled(deviation(values), inflate),
      degrees: Math.max(1, smallerClass(counts).users - 1),
    };
  }
  const affordable = Math.max(FEWEST_DRAWS, Math.floor(MOST_ROW_DRAWS / counts.rows));
  return {
    draws:
      binned && counts.oneRowPerUser
        ? bootstrapBins(ranking, { seed, draws, threshold })
        : bootstrapUsers(labels, [model], units, { seed, draws: Math.min(draws, affordable), binned })[0],
    errorOf: deviation,
    degrees: Infinity,
  };
}

const scaled = (value: number | null, by: number) => (value === null ? null : value * by);

/** Standard deviation of the values that are finite; null when fewer than nine in ten are. */
function deviation(values: ArrayLike<number>): number | null {
  const finite = Float64Array.from(values).filter((value) => Number.isFinite(value));
  if (finite.length < 2 || finite.length < 0.9 * values.length) {
    return null;
  }
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (finite.length - 1));
}

/** The interval of a value on a scale, from its values in samples of users. */
export function spreadInterval(
  value: number,
  inDraws: ArrayLike<number>,
  spread: Spread,
  scale: Scale,
): Interval | null {
  const error = spread.errorOf(Float64Array.from(inDraws, scale.to));
  return error === null ? null : intervalOnScale(value, error, scale, spread.degrees);
}

/** The same for a rate, whose values in samples are steps of one row. */
export function spreadOfRate(rate: number, inDraws: ArrayLike<number>, spread: Spread): Interval | null {
  const error = spread.errorOf(inDraws);
  return error === null ? null : rateInterval(rate, error, spread.degrees);
}

const SCALES: Record<MeasureId, Scale> = { pr_auc: LOGIT, roc_auc: LOGIT, log_loss: LOG, brier: LOGIT };

/**
 * The reported measures with 95 % intervals, from the standard error on the logit scale (log loss: logarithm). ROC AUC by
 * DeLong where each user has one row, by Obuchowski's clustered variance otherwise; the others from samples of users.
 * Intervals are null below 20 users of a class (DeLong covers 78 % with 4, 88 % with 10), and flagged by a reason beside
 * the value below 50. Both measures of ranking need both classes here: with positives only, average precision is 1
 * whatever the scores.
 */
export function measuresWithIntervals(
  rows: RankedRows,
  counts: UserCounts,
  spread: Spread | null,
): Record<MeasureId, MeasureValue> {
  const values = measuresOf(rows, counts);
  const warning = sizeWarning(counts);
  const reported = (id: MeasureId): MeasureValue => {
    const { value, reason } = values[id];
    if (value === null) {
      return { value, interval: null, reason };
    }
    if (spread === null) {
      return { value, interval: null, reason: warning?.reason };
    }
    if (values.roc_auc.value === 1 && (id === 'roc_auc' || id === 'pr_auc')) {
      return { value, interval: null, reason: 'no interval: the scores separate the classes completely' };
    }
    const interval =
      id === 'roc_auc'
        ? aucInterval(rows, counts)
        : spreadInterval(value, spread.draws[id], spread, SCALES[id]);
    return { value, interval, ...(warning && { reason: warning.reason }) };
  };
  return {
    pr_auc: reported('pr_auc'),
    roc_auc: reported('roc_auc'),
    log_loss: reported('log_loss'),
    brier: reported('brier'),
  };
}

function aucInterval(rows: RankedRows, counts: UserCounts): Interval | null {
  const { auc, variance } = aucVariance(rows, counts);
  return intervalOnScale(auc, logitError(auc, Math.sqrt(variance)), LOGIT);
}

/** DeLong's variance where each user has one row, otherwise Obuchowski's. */
export function aucVariance(
  { labels, units, scores, ranking }: RankedRows,
  counts: UserCounts,
): { auc: number; variance: number } {
  return counts.oneRowPerUser ? delongVariance(ranking) : obuchowskiVariance({ labels, units }, scores);
}

/** The reported measures without intervals; those of ranking are null on one class. */
export function measuresOf(
  { labels, scores, ranking }: RankedRows,
  counts: UserCounts,
): Record<MeasureId, Measured> {
  const { name, users } = smallerClass(counts);
  const reason =
    counts.rows === 0 ? 'no rows' : users === 0 ? `no ${name} rows: a ranking needs both classes` : null;
  const ranked = (value: (of: Ranking) => number): Measured =>
    reason === null ? { value: value(ranking) } : { value: null, reason };
  return {
    pr_auc: ranked(averagePrecisionOf),
    roc_auc: ranked(rocAucOf),
    log_loss: logLoss.of(labels, scores),
    brier: brier.of(labels, scores),
  };
}

/** Why there is no interval, or why it is to be read with care; null when all is well. */
export function sizeWarning(counts: UserCounts): { withhold: boolean; reason: string } | null {
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
