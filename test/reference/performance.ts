import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Values of scikit-learn, scipy and statsmodels; made by performance.py beside this file. */
export interface PerformanceReference {
  samples: {
    labels: number[];
    scores: number[];
    at: {
      threshold: number;
      cells: [tp: number, fp: number, fn: number, tn: number];
      precision: number;
      recall: number;
      specificity: number;
      f1: number;
      accuracy: number;
      lift: number;
    }[];
    brier_parts: { reliability: number; resolution: number; uncertainty: number; brier: number };
    /** At 1/10, 2/10 ... of the rows. */
    capture: number[];
    costs: {
      matrix: [tp: number, fp: number, fn: number, tn: number];
      threshold: number;
      cost: number;
      nobody: number;
      best_cost: number;
      best_threshold: number | null;
    }[];
  }[];
  clustered: {
    labels: number[];
    scores: number[];
    units: number[];
    auc: number;
    variance: number;
    jackknife_auc: number;
    jackknife_pr_auc_logit: number;
  }[];
  isotonic: {
    labels: number[];
    scores: number[];
    weights: number[] | null;
    at: number[];
    expected: number[];
  }[];
  logit: { labels: number[]; scores: number[]; intercept: number; slope: number }[];
  precision_interval: {
    labels: number[];
    scores: number[];
    threshold: number;
    precision: number;
    interval: [number, number];
  };
  /** Delay of each prediction's outcome in days, null while unknown. */
  maturity: { delays: (number | null)[]; ages: number[]; days: number[]; known: number[] };
  holm: { p: number[]; adjusted: number[] };
  clustered_gap: { labels: number[]; scores: number[]; units: number[]; gap: number; error: number };
}

/** Tests run from the project's root. */
export function performanceReference(): PerformanceReference {
  return JSON.parse(
    readFileSync(join('test', 'reference', 'performance.json'), 'utf8'),
  ) as PerformanceReference;
}
