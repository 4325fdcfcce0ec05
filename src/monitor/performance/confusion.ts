import type { Measured } from './measure.js';
import { type Ranking, totalRows } from './ranking.js';

/** Rows by what was said and what happened: counts, weights, or expected counts, so not always whole. */
export interface Confusion {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
}

/** How good a yes or no was, with its own facts; computed from the four counts alone. */
export interface ThresholdMeasure {
  id: string;
  title: string;
  range: [number, number];
  better: 'higher' | 'lower';
  undefinedWhen: string;
  source: string;
  /** Null with a reason where the denominator is 0. */
  of(cells: Confusion): Measured;
}

/** Which rows are flagged: those that score at least `threshold`, or the `top` share of the rows. */
export type FlagRule = { threshold: number } | { top: number };

/** a / b, or null with the reason when b is 0. */
export function ratio(a: number, b: number, reason: string): Measured {
  return b > 0 ? { value: a / b } : { value: null, reason };
}

/** The four counts when rows that score `threshold` or more are flagged. */
export function cellsAt({ length, score, positive, negative }: Ranking, threshold: number): Confusion {
  const cells: Confusion = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  for (let i = 0; i < length; i++) {
    if (score[i] >= threshold) {
      cells.truePositives += positive[i];
      cells.falsePositives += negative[i];
    } else {
      cells.falseNegatives += positive[i];
      cells.trueNegatives += negative[i];
    }
  }
  return cells;
}

/** Sums of expected counts are whole only up to rounding. */
const ROUNDING = 1e-6;

/**
 * The score from which on rows are flagged. For the top share: the score of the row at place ceil(top * rows), counted
 * from the highest; rows with just that score are all flagged, so ties can flag more. Infinity without rows.
 */
export function flagThreshold(rule: FlagRule, ranking: Ranking): number {
  if ('threshold' in rule) {
    return rule.threshold;
  }
  const { length, score, positive, negative } = ranking;
  const place = Math.ceil(rule.top * totalRows(ranking) - ROUNDING);
  for (let i = 0, above = 0; i < length; i++) {
    above += positive[i] + negative[i];
    if (above >= place - ROUNDING) {
      return score[i];
    }
  }
  return Infinity;
}
