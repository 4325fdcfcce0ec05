import { normalSurvival } from '../../maths/special.js';
import type { EvaluationOptions } from './evaluate.js';
import { holm } from './holm.js';
import { aucVariance, sizeWarning } from './intervals.js';
import { rankingOf } from './ranking.js';
import { groupRows, measureSlice, rowsOf, type ScoredRows, type Slice } from './slice.js';
import { countUsers, usersOf } from './users.js';

/** A difference between a segment and the rest of the rows. */
export interface SegmentDifference {
  difference: number;
  /** Two-sided, of no difference. */
  p_value: number;
  /** For all tests of all segments (Holm). */
  p_adjusted: number;
}

/** The rows with one value of a column, against the others. */
export interface Segment extends Slice {
  column: string;
  /** ROC AUC within the segment less that within the rest; null below 20 users of a class in either. */
  roc_auc_difference: SegmentDifference | null;
  /** Calibration gap of the segment less that of the rest; null as above. */
  calibration_difference: SegmentDifference | null;
  /** Whether the model ranks worse here than elsewhere, or promises too little or too much, by 0.02 and beyond noise. */
  weak: boolean;
}

/** Values of a column beyond so many are not looked at: an id is no segment. */
export const MOST_VALUES = 50;

const LEVEL = 0.05;

/** Differences below it are beyond noise in any large sample and of no account. */
const SMALLEST_EFFECT = 0.02;

/**
 * Every value of every column as a segment, weakest first: those that matter, then by adjusted p-value. Tests are
 * z-tests on differences whose variances know users (DeLong or Obuchowski for ROC AUC, clustered residuals for
 * calibration); segment and rest count as independent, which they are as long as a user stays in one.
 */
export function segmentsOf(
  sample: ScoredRows,
  columns: Record<string, readonly string[]>,
  options: EvaluationOptions,
): Segment[] {
  const tested = Object.entries(columns).flatMap(([column, values]) => {
    const groups = groupRows(values);
    return groups.size > MOST_VALUES
      ? []
      : [...groups].map(([value, rows]) => testSegment(column, value, rows, sample, options));
  });
  const adjusted = holm(tested.flatMap(({ auc, gap }) => [auc?.p ?? null, gap?.p ?? null]));
  const segments = tested.map(({ slice, column, auc, gap }, i): Segment => {
    const roc_auc_difference = differenceOf(auc, adjusted[2 * i]);
    const calibration_difference = differenceOf(gap, adjusted[2 * i + 1]);
    const weak =
      matters(roc_auc_difference, (difference) => -difference) || matters(calibration_difference, Math.abs);
    return { ...slice, column, roc_auc_difference, calibration_difference, weak };
  });
  return segments.sort((a, b) => leastP(a) - leastP(b));
}

interface Tested {
  slice: Slice;
  column: string;
  auc: { difference: number; p: number } | null;
  gap: { difference: number; p: number } | null;
}

function testSegment(
  column: string,
  value: string,
  rows: readonly number[],
  sample: ScoredRows,
  options: EvaluationOptions,
): Tested {
  const inside = rowsOf(sample, rows);
  const others = new Set(rows);
  const rest = rowsOf(
    sample,
    Array.from(sample.labels.keys()).filter((row) => !others.has(row)),
  );
  const slice = measureSlice(value, inside, options);
  const enough = [inside, rest].every((part) => !sizeWarning(countUsers(part))?.withhold);
  return enough
    ? { slice, column, auc: compare(aucOf(inside), aucOf(rest)), gap: compare(gapOf(inside), gapOf(rest)) }
    : { slice, column, auc: null, gap: null };
}

interface Estimate {
  value: number;
  variance: number;
}

function compare(a: Estimate, b: Estimate): { difference: number; p: number } {
  const difference = a.value - b.value;
  const error = Math.sqrt(a.variance + b.variance);
  return { difference, p: error === 0 ? 1 : 2 * normalSurvival(Math.abs(difference) / error) };
}

function aucOf(sample: ScoredRows): Estimate {
  const ranked = { ...sample, ranking: rankingOf(sample.labels, sample.scores) };
  const { auc, variance } = aucVariance(ranked, countUsers(sample));
  return { value: auc, variance };
}

/** Mean of label less score, and its variance by the residuals summed per user: U / (U - 1) sum (sum - n gap)^2 / n^2. */
export function gapOf({ labels, scores, units }: ScoredRows): Estimate {
  const rows = labels.length;
  const value = labels.reduce((sum, label, row) => sum + label - scores[row], 0) / rows;
  const sums = new Float64Array(usersOf(units));
  for (let row = 0; row < rows; row++) {
    sums[units[row]] += labels[row] - scores[row] - value;
  }
  const squares = sums.reduce((sum, each) => sum + each * each, 0);
  return { value, variance: ((sums.length / (sums.length - 1)) * squares) / rows ** 2 };
}

function differenceOf(
  test: { difference: number; p: number } | null,
  adjusted: number | null,
): SegmentDifference | null {
  return test === null || adjusted === null
    ? null
    : { difference: test.difference, p_value: test.p, p_adjusted: adjusted };
}

/** Effect and evidence both: large enough by `effect`, and beyond noise. */
function matters(found: SegmentDifference | null, effect: (difference: number) => number): boolean {
  return found !== null && effect(found.difference) >= SMALLEST_EFFECT && found.p_adjusted < LEVEL;
}

/** Weak ones come first, those that could not be tested last. */
function leastP({ roc_auc_difference, calibration_difference, weak }: Segment): number {
  const least = Math.min(roc_auc_difference?.p_adjusted ?? 2, calibration_difference?.p_adjusted ?? 2);
  return weak ? least - 1 : least;
}
