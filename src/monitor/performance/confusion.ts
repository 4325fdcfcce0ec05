import type { Measured, Scores } from './measure.js';
import { checkSample } from './sample.js';

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

/**
 * The four counts when rows that score `threshold` or more are flagged.
 * @throws ChurnError data.invalid as Measure.of
 */
export function confusionAt(
  labels: Uint8Array,
  scores: Scores,
  threshold: number,
  weights?: Float64Array,
): Confusion {
  const { positive, negative } = checkSample(labels, scores, weights, false);
  let [truePositives, falsePositives] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (scores[i] >= threshold) {
      const weight = weights ? weights[i] : 1;
      truePositives += labels[i] * weight;
      falsePositives += (1 - labels[i]) * weight;
    }
  }
  return {
    truePositives,
    falsePositives,
    falseNegatives: positive - truePositives,
    trueNegatives: negative - falsePositives,
  };
}

/**
 * The score from which on rows are flagged. For the top share: the score of the row at place ceil(top * rows), counted
 * from the highest; rows with just that score are all flagged, so ties can flag more. Infinity without rows.
 */
export function flagThreshold(rule: FlagRule, scores: Scores): number {
  if ('threshold' in rule) {
    return rule.threshold;
  }
  if (scores.length === 0) {
    return Infinity;
  }
  const sorted = scores.slice().sort();
  return sorted[sorted.length - Math.min(sorted.length, Math.max(1, Math.ceil(rule.top * sorted.length)))];
}
