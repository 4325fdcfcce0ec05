import { accuracy } from './accuracy.js';
import { type Confusion, cellsAt, type FlagRule, type ThresholdMeasure } from './confusion.js';
import { type CostMatrix, type CostReport, costOf, costReport } from './cost.js';
import { f1 } from './f1.js';
import { LOG, PLAIN } from './interval.js';
import { type Spread, spreadInterval, spreadOfRate } from './intervals.js';
import { lift } from './lift.js';
import { precision } from './precision.js';
import type { Ranking } from './ranking.js';
import { recall } from './recall.js';
import type { MeasureValue } from './report.js';
import { specificity } from './specificity.js';

/** All measures of flagged rows, in the order in which they are shown. */
export const THRESHOLD_MEASURES: readonly ThresholdMeasure[] = [
  precision,
  recall,
  specificity,
  f1,
  accuracy,
  lift,
];

/** How good it is to act on the rows that a rule flags. */
export interface FlaggedReport {
  rule: FlagRule;
  /** The score from which on rows are flagged; null without rows. */
  threshold: number | null;
  rows: number;
  true_positives: number;
  false_positives: number;
  false_negatives: number;
  true_negatives: number;
  measures: Record<string, MeasureValue>;
  /** Null without a configured matrix, or without rows. */
  costs: (CostReport & { per_row_interval: MeasureValue['interval'] }) | null;
}

/** The rows that a rule flags, by what happened, with measures, intervals and cost. */
export function flaggedReport(
  ranking: Ranking,
  { rule, threshold, costs }: { rule: FlagRule; threshold: number; costs: CostMatrix | null },
  { spread, warning }: { spread: Spread | null; warning?: string },
): FlaggedReport {
  const cells = cellsAt(ranking, threshold);
  const measures = THRESHOLD_MEASURES.map((measure) => [
    measure.id,
    measuredAt(measure, cells, spread, warning),
  ]);
  const money = costs && costReport(cells, ranking, costs);
  const perRow = (of: Confusion) => costOf(of, costs as CostMatrix) / rowsOf(of);
  return {
    rule,
    threshold: Number.isFinite(threshold) ? threshold : null,
    rows: cells.truePositives + cells.falsePositives,
    true_positives: cells.truePositives,
    false_positives: cells.falsePositives,
    false_negatives: cells.falseNegatives,
    true_negatives: cells.trueNegatives,
    measures: Object.fromEntries(measures),
    costs: money && {
      ...money,
      per_row_interval:
        spread && spreadInterval(money.per_row, spread.draws.cells.map(perRow), spread, PLAIN),
    },
  };
}

function measuredAt(
  measure: ThresholdMeasure,
  cells: Confusion,
  spread: Spread | null,
  warning: string | undefined,
): MeasureValue {
  const { value, reason } = measure.of(cells);
  if (value === null || spread === null) {
    return { value, interval: null, reason: reason ?? warning };
  }
  const inDraws = spread.draws.cells.map((drawn) => measure.of(drawn).value ?? Number.NaN);
  const interval =
    measure.range[1] === 1
      ? spreadOfRate(value, inDraws, spread)
      : spreadInterval(value, inDraws, spread, LOG);
  const why = interval === null ? `no interval: at ${value}, or too few samples define it` : warning;
  return { value, interval, ...(why && { reason: why }) };
}

function rowsOf(cells: Confusion): number {
  return cells.truePositives + cells.falsePositives + cells.falseNegatives + cells.trueNegatives;
}
