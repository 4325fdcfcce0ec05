import { ChurnError } from '../../error.js';
import { mix32 } from '../../random.js';
import { averagePrecisionOf } from './average-precision.js';
import { cellsAt, type FlagRule, flagThreshold } from './confusion.js';
import { meanGap } from './ece.js';
import { THRESHOLD_MEASURES } from './flagged.js';
import { aucVariance, type RankedRows, sizeWarning, spreadOf } from './intervals.js';
import { type Curve, curvesAlong, isotonicFit, roomFor, type SortedRows, sortRows } from './isotonic.js';
import type { Scores } from './measure.js';
import { type Ranking, rankingOfSorted } from './ranking.js';
import { binsOfRanking, type ReliabilityBin } from './reliability.js';
import { rocAucOf } from './roc-auc.js';
import { checkSample } from './sample.js';
import { countUsers, type LabelledRows } from './users.js';

/** The measures that can be estimated without outcomes, in the order in which they are shown. */
export const ESTIMATED_IDS: readonly string[] = [
  'pr_auc',
  'roc_auc',
  ...THRESHOLD_MEASURES.map((measure) => measure.id),
];

/** What a reference with outcomes teaches about scores without: plain data, to be kept or sent. */
export interface Estimator {
  /** Rows of the reference, and of it per window on average. */
  rows: number;
  flag: FlagRule;
  /** From score to probability; empty where the scores are better left as they are. */
  curve: Curve;
  /** Cross-validated calibration error of the scores as they are, and through the curve, in the same bins. */
  calibration_error: { scores: number; calibrated: number } | null;
  /** By measure. */
  measures: Record<string, ReferenceOfMeasure>;
}

export interface ReferenceOfMeasure {
  /** Standard error that the measure would have on one row; over sqrt(n) on n rows. Null where undefined. */
  error_of_one_row: number | null;
  /** Realised in each window of the reference; null where undefined. */
  windows: (number | null)[];
  /** Mean plus and minus three population standard deviations of the windows, inside the measure's range. */
  thresholds: [low: number, high: number] | null;
}

export interface EstimatorOptions {
  seed: number | string;
  flag: FlagRule;
  /** Bootstrap draws behind the sampling errors; 200 are enough for a band of three errors. */
  draws?: number;
  /** Which window of the reference each row lies in, 0, 1, 2 ...; rows of one window need not stand together. */
  windows: Int32Array;
}

const FOLDS = 3;
const FEWEST_WINDOWS = 3;

/**
 * Learns from scored rows with outcomes what CBPE (confidence-based performance estimation) needs: an isotonic curve from
 * score to probability, kept only if it lowers the cross-validated calibration error (folds are of users); the sampling
 * error of each measure; and the levels at which to alert, from the measure's realised values in the reference's windows.
 *
 * @throws ChurnError data.invalid as evaluateSample; data.insufficient without both classes
 */
export function fitEstimator(
  reference: LabelledRows & { scores: Scores },
  { seed, flag, draws = 200, windows }: EstimatorOptions,
): Estimator {
  const { labels, scores } = reference;
  const { positive, negative } = checkSample(labels, scores, undefined, true);
  if (positive === 0 || negative === 0) {
    throw new ChurnError('data.insufficient', {
      expected: 'a reference with positive and negative outcomes',
      came: `${positive} positive and ${negative} negative rows`,
    });
  }
  const rows = sortRows(labels, scores);
  const ranked = { ...reference, ranking: rankingOfSorted(rows.labels, rows.scores) };
  const { curve, calibration_error } = chooseCurve(rows, ranked);
  const errors = errorsOfOneRow(ranked, flag, { seed, draws });
  const realised = realisedInWindows(rows, windows, flag);
  const measures = ESTIMATED_IDS.map((id) => {
    const values = realised.map((window) => window[id]);
    return [id, { error_of_one_row: errors[id], windows: values, thresholds: levels(values, rangeOf(id)) }];
  });
  return { rows: labels.length, flag, curve, calibration_error, measures: Object.fromEntries(measures) };
}

export function rangeOf(id: string): [number, number] {
  return THRESHOLD_MEASURES.find((measure) => measure.id === id)?.range ?? [0, 1];
}

/** The curve of all rows if curves of two thirds of the users calibrate the other third better than the scores do. */
function chooseCurve(
  rows: SortedRows,
  { units, ranking }: RankedRows,
): Pick<Estimator, 'curve' | 'calibration_error'> {
  const folds = new Uint8Array(units.length);
  for (let i = 0; i < folds.length; i++) {
    folds[i] = mix32(units[rows.order[i]]) % FOLDS;
  }
  const bins = binsOfRanking(ranking);
  const errors = {
    scores: meanGap(bins),
    calibrated: meanGap(sameBins(rows, outOfFold(rows, folds), bins)),
  };
  const better = errors.calibrated < errors.scores;
  return { curve: better ? isotonicFit(rows) : { x: [], y: [] }, calibration_error: errors };
}

/** Other values of sorted rows in the bins of their scores: both are compared on the same rows. */
function sameBins(
  { labels }: SortedRows,
  values: Float64Array,
  bins: readonly ReliabilityBin[],
): ReliabilityBin[] {
  let from = 0;
  return bins.map(({ rows }) => {
    let said = 0;
    let happened = 0;
    for (let i = from; i < from + rows; i++) {
      said += values[i];
      happened += labels[i];
    }
    from += rows;
    return { rows, score: said / rows, rate: happened / rows };
  });
}

/** Each sorted row through the curve of the other folds. */
function outOfFold(rows: SortedRows, folds: Uint8Array): Float64Array {
  const room = roomFor(folds.length);
  const curves = Array.from({ length: FOLDS }, (_, left) => isotonicFit(rows, { folds, left, room }));
  return curvesAlong(curves, rows.scores, folds);
}

/** Standard errors of the measures on the reference, times the root of its rows. */
function errorsOfOneRow(
  reference: RankedRows,
  flag: FlagRule,
  chance: { seed: number | string; draws: number },
): Record<string, number | null> {
  const counts = countUsers(reference);
  const root = Math.sqrt(counts.rows);
  if (sizeWarning(counts)?.withhold) {
    return Object.fromEntries(ESTIMATED_IDS.map((id) => [id, null]));
  }
  const spread = spreadOf(reference, flagThreshold(flag, reference.ranking), counts, chance);
  const { variance } = aucVariance(reference, counts);
  const errorOf = (values: ArrayLike<number>) => {
    const error = spread.errorOf(values);
    return error === null ? null : error * root;
  };
  return {
    roc_auc: Math.sqrt(variance) * root,
    pr_auc: errorOf(spread.draws.pr_auc),
    ...Object.fromEntries(
      THRESHOLD_MEASURES.map((measure) => [
        measure.id,
        errorOf(spread.draws.cells.map((cells) => measure.of(cells).value ?? Number.NaN)),
      ]),
    ),
  };
}

/** The measures of each window, null where undefined. */
function realisedInWindows(
  { labels, scores, order }: SortedRows,
  windows: Int32Array,
  flag: FlagRule,
): Record<string, number | null>[] {
  // Where the rows of each window begin, and where the next of them goes.
  const starts: number[] = [0];
  for (let i = 0; i < windows.length; i++) {
    const after = windows[i] + 1;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  for (let window = 1; window < starts.length; window++) {
    starts[window] = starts[window - 1] + (starts[window] ?? 0);
  }
  const next = Uint32Array.from(starts);
  const ofWindows = { labels: new Uint8Array(order.length), scores: new Float64Array(order.length) };
  for (let i = 0; i < order.length; i++) {
    const at = next[windows[order[i]]]++;
    ofWindows.labels[at] = labels[i];
    ofWindows.scores[at] = scores[i];
  }
  return starts.slice(1).map((end, window) => {
    const part = [starts[window], end] as const;
    const ranking = rankingOfSorted(ofWindows.labels.subarray(...part), ofWindows.scores.subarray(...part));
    return realisedOf(ranking, flag);
  });
}

/** The estimated measures on rows with outcomes: what an estimate is held against. */
export function realisedOf(ranking: Ranking, flag: FlagRule): Record<string, number | null> {
  const cells = cellsAt(ranking, flagThreshold(flag, ranking));
  const positives = cells.truePositives + cells.falseNegatives;
  const bothClasses = positives > 0 && cells.falsePositives + cells.trueNegatives > 0;
  return {
    pr_auc: bothClasses ? averagePrecisionOf(ranking) : null,
    roc_auc: bothClasses ? rocAucOf(ranking) : null,
    ...Object.fromEntries(THRESHOLD_MEASURES.map((measure) => [measure.id, measure.of(cells).value])),
  };
}

function levels(
  values: readonly (number | null)[],
  [least, most]: [number, number],
): [number, number] | null {
  const defined = values.filter((value) => value !== null);
  if (defined.length < FEWEST_WINDOWS) {
    return null;
  }
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length;
  const variance = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0) / defined.length;
  const reach = 3 * Math.sqrt(variance);
  return [Math.max(least, mean - reach), Math.min(most, mean + reach)];
}
