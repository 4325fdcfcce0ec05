import { ChurnError } from '../../error.js';
import { type BrierParts, brierPartsOf } from './brier-parts.js';
import { type Calibration, calibrationOf } from './calibration.js';
import { type FlagRule, flagThreshold } from './confusion.js';
import type { CostMatrix } from './cost.js';
import { ece, meanGap } from './ece.js';
import { type FlaggedReport, flaggedReport } from './flagged.js';
import { type GainsRow, gains } from './gains.js';
import { type ChanceOptions, measuresWithIntervals, sizeWarning, spreadOf } from './intervals.js';
import type { Measured, Scores } from './measure.js';
import { rankingOf } from './ranking.js';
import { binsOfRanking, type ReliabilityBin } from './reliability.js';
import type { MeasureId, MeasureValue } from './report.js';
import { checkSample, whyUndefined } from './sample.js';
import { countUsers, type LabelledRows, type UserCounts } from './users.js';

/** What one labelled and scored sample says about a model. */
export interface SampleEvaluation {
  rows: number;
  positives: number;
  users: number;
  /** Null without rows. It is also what average precision reaches by chance. */
  positiveRate: number | null;
  measures: Record<MeasureId, MeasureValue>;
  /** Average precision over the positive rate, which is what chance reaches; null where undefined. */
  prAucLift: number | null;
  ece: Measured;
  /** Null without rows. */
  brierParts: BrierParts | null;
  calibration: Calibration;
  reliability: ReliabilityBin[];
  flagged: FlaggedReport;
  /** Empty without a positive row. */
  gains: GainsRow[];
}

export interface EvaluationOptions extends ChanceOptions {
  /** Which rows count as flagged; default: the top tenth. */
  flag?: FlagRule;
  /** What each kind of row costs. */
  costs?: CostMatrix | null;
}

export const DEFAULT_FLAG: FlagRule = { top: 0.1 };

/**
 * Measures of a sample with intervals, its calibration, and what acting on it brings. Rows of one user are not
 * independent: intervals are over users. The same seed gives the same intervals; without draws there are none.
 *
 * @throws ChurnError data.invalid for lengths that differ, labels other than 0 and 1, scores outside [0, 1];
 * usage.invalid for a top share outside (0, 1]
 */
export function evaluateSample(
  sample: LabelledRows & { scores: Scores },
  { flag = DEFAULT_FLAG, costs = null, ...chance }: EvaluationOptions,
): SampleEvaluation {
  requireFlag(flag);
  const { labels, scores } = sample;
  checkSample(labels, scores, undefined, true);
  const counts = countUsers(sample);
  const { rows, positives, users } = counts;
  const positiveRate = rows === 0 ? null : positives / rows;
  const ranking = rankingOf(labels, scores);
  const ranked = { ...sample, ranking };
  const threshold = flagThreshold(flag, ranking);
  const warning = sizeWarning(counts);
  const without = warning?.withhold || chance.draws === 0;
  const spread = without ? null : spreadOf(ranked, threshold, counts, chance);
  const measures = measuresWithIntervals(ranked, counts, spread);
  const precision = measures.pr_auc.value;
  const reliability = binsOfRanking(ranking);
  return {
    rows,
    positives,
    users,
    positiveRate,
    measures,
    prAucLift: precision === null || !positiveRate ? null : precision / positiveRate,
    ece: eceOf(reliability, counts),
    brierParts: rows === 0 ? null : brierPartsOf(reliability),
    calibration: calibrationOf(ranking),
    reliability,
    flagged: flaggedReport(
      ranking,
      { rule: flag, threshold, costs },
      {
        spread,
        warning: warning?.reason,
      },
    ),
    gains: gains(ranking),
  };
}

function eceOf(bins: readonly ReliabilityBin[], counts: UserCounts): Measured {
  const reason = whyUndefined(ece.needs, {
    positive: counts.positives,
    negative: counts.rows - counts.positives,
  });
  return reason === null ? { value: meanGap(bins) } : { value: null, reason };
}

function requireFlag(flag: FlagRule): void {
  if ('top' in flag && !(flag.top > 0 && flag.top <= 1)) {
    throw new ChurnError('usage.invalid', {
      expected: 'a top share above 0, at most 1',
      came: String(flag.top),
    });
  }
}
