import { averagePrecisionOf } from './average-precision.js';
import { cellsAt, type FlagRule, flagThreshold } from './confusion.js';
import { ESTIMATED_IDS, type Estimator, rangeOf, realisedOf } from './estimator.js';
import { expectedRanking } from './expected.js';
import { THRESHOLD_MEASURES } from './flagged.js';
import type { Scores } from './measure.js';
import { type Ranking, rankingOf, totalRows, totalsOf } from './ranking.js';
import type { Interval } from './report.js';
import { rocAucOf } from './roc-auc.js';
import { checkSample } from './sample.js';

/** Stands beside every estimate. */
export const ESTIMATE_ASSUMPTION =
  'assumes that a score still means the same risk as in the reference (no concept drift): it sees users move to other scores, not scores that have become wrong';

/** One measure without outcomes. */
export interface EstimatedMeasure {
  value: number | null;
  /** The value plus and minus three sampling errors, inside the measure's range. */
  band: Interval | null;
  sampling_error: number | null;
  /** Levels from the reference; null with fewer than three windows. */
  thresholds: Interval | null;
  /** Whether the value lies outside the levels. It alerts; nothing retrains by it. */
  alert: boolean;
  reason?: string;
}

/** How good predictions probably are, before their outcomes are known. */
export interface PerformanceEstimate {
  rows: number;
  /** Expected share of positives. */
  positive_rate: number | null;
  measures: Record<string, EstimatedMeasure>;
  alert: boolean;
  assumption: string;
}

/**
 * CBPE: each row counts as a positive with its calibrated probability c and as a negative with 1 - c. ROC AUC and average
 * precision are those of the rows ranked by raw score, ties grouped; the measures at a threshold those of the expected
 * counts (TP = sum of c over flagged rows, and so on). O(rows log rows).
 * Source: NannyML, "How CBPE works".
 *
 * @throws ChurnError data.invalid for scores outside [0, 1]
 */
export function estimatePerformance(estimator: Estimator, scores: Scores): PerformanceEstimate {
  return estimateRanked(estimator, checkedRanking(new Uint8Array(scores.length), scores));
}

/** The estimate beside what came, where outcomes are known: the rows are ranked once. Errors as estimatePerformance. */
export function estimateBesideRealised(
  estimator: Estimator,
  labels: Uint8Array,
  scores: Scores,
): { estimate: PerformanceEstimate; realised: Record<string, number | null> } {
  const ranking = checkedRanking(labels, scores);
  return {
    estimate: estimateRanked(estimator, ranking),
    realised: realisedOf(ranking, estimator.flag),
  };
}

function checkedRanking(labels: Uint8Array, scores: Scores): Ranking {
  checkSample(labels, scores, undefined, true);
  return rankingOf(labels, scores);
}

function estimateRanked(estimator: Estimator, ranked: Ranking): PerformanceEstimate {
  const ranking = expectedRanking(ranked, estimator.curve);
  const rows = totalRows(ranked);
  const values = expectedMeasures(ranking, estimator.flag);
  const measures = Object.fromEntries(
    ESTIMATED_IDS.map((id) => [id, estimated(id, values[id], estimator, rows)]),
  );
  return {
    rows,
    positive_rate: rows === 0 ? null : totalsOf(ranking).positives / rows,
    measures,
    alert: Object.values(measures).some((measure) => measure.alert),
    assumption: ESTIMATE_ASSUMPTION,
  };
}

/** NaN where a class is not expected at all. */
function expectedMeasures(ranking: Ranking, flag: FlagRule): Record<string, number | null> {
  const cells = cellsAt(ranking, flagThreshold(flag, ranking));
  return {
    pr_auc: averagePrecisionOf(ranking),
    roc_auc: rocAucOf(ranking),
    ...Object.fromEntries(THRESHOLD_MEASURES.map((measure) => [measure.id, measure.of(cells).value])),
  };
}

function estimated(id: string, value: number | null, estimator: Estimator, rows: number): EstimatedMeasure {
  const { thresholds, error_of_one_row } = estimator.measures[id];
  if (value === null || !Number.isFinite(value)) {
    const reason = rows === 0 ? 'no rows' : 'no positive, no negative or no flagged row is expected';
    return { value: null, band: null, sampling_error: null, thresholds, alert: false, reason };
  }
  const error = error_of_one_row === null ? null : error_of_one_row / Math.sqrt(rows);
  const [least, most] = rangeOf(id);
  return {
    value,
    band: error === null ? null : [Math.max(least, value - 3 * error), Math.min(most, value + 3 * error)],
    sampling_error: error,
    thresholds,
    alert: thresholds !== null && (value < thresholds[0] || value > thresholds[1]),
  };
}
