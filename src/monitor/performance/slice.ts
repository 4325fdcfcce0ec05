import { type EvaluationOptions, evaluateSample } from './evaluate.js';
import type { Scores } from './measure.js';
import type { MeasureId, MeasureValue } from './report.js';
import { denseUnits, type LabelledRows } from './users.js';

/** Labelled and scored rows. */
export type ScoredRows = LabelledRows & { scores: Scores };

/** A part of the rows, measured. */
export interface Slice {
  name: string;
  rows: number;
  positives: number;
  users: number;
  positive_rate: number | null;
  /** Average precision over the positive rate. */
  pr_auc_lift: number | null;
  measures: Record<MeasureId, MeasureValue>;
  /** Share of positives less mean score; null without rows. */
  calibration_gap: number | null;
}

/** The given rows as a sample of their own. */
export function rowsOf({ labels, scores, units }: ScoredRows, rows: readonly number[]): ScoredRows {
  return {
    labels: Uint8Array.from(rows, (row) => labels[row]),
    scores: Float64Array.from(rows, (row) => scores[row]),
    units: denseUnits(rows.map((row) => units[row])),
  };
}

/** Slices are many; with so many draws the width of an interval is known to 5 %. */
const MOST_DRAWS = 200;

export function measureSlice(name: string, sample: ScoredRows, options: EvaluationOptions): Slice {
  const draws = Math.min(options.draws ?? MOST_DRAWS, MOST_DRAWS);
  const { rows, positives, users, positiveRate, prAucLift, measures, calibration } = evaluateSample(sample, {
    ...options,
    draws,
  });
  return {
    name,
    rows,
    positives,
    users,
    positive_rate: positiveRate,
    pr_auc_lift: prAucLift,
    measures,
    calibration_gap: rows === 0 ? null : (calibration.observed - calibration.expected) / rows,
  };
}

/** The rows of each name, in the order of the names. */
export function groupRows(names: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  names.forEach((name, row) => {
    const rows = groups.get(name) ?? [];
    rows.push(row);
    groups.set(name, rows);
  });
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
