import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Values of scipy, numpy, scikit-learn and confidenceinterval; made by monitor.py beside this file. */
export interface MonitorReference {
  chi2_sf: [x: number, df: number, p: number][];
  chi2_isf: [p: number, df: number, x: number][];
  gammaln: [x: number, value: number][];
  normal_cdf: [z: number, p: number][];
  normal_quantile: [p: number, z: number][];
  quantiles: { values: number[]; q: number[]; expected: number[] }[];
  pearson: { table: [number[], number[]]; statistic: number; p: number }[];
  permutation: { table: [number[], number[]]; p: number }[];
  benjamini_hochberg: { p: number[]; adjusted: number[] }[];
  section_12: { name: string; reference: (number | null)[]; current: (number | null)[]; psi: number }[];
  delong: {
    labels: number[];
    first: number[];
    second: number[];
    auc: number;
    variance: number;
    difference: number;
    difference_variance: number;
    p: number;
  }[];
  calibration: { labels: number[]; scores: number[]; slope: number; intercept: number }[];
}

/** Tests run from the project's root. */
export function monitorReference(): MonitorReference {
  return JSON.parse(readFileSync(join('test', 'reference', 'monitor.json'), 'utf8')) as MonitorReference;
}

/** Reads a file of the shared data, or says why it cannot. */
export function sharedData<T>(name: string): { data: T; skip: false } | { data: null; skip: string } {
  const path = join(process.env.CHURN_SHARED ?? join('..', 'shared'), 'data', name);
  try {
    return { data: JSON.parse(readFileSync(path, 'utf8')) as T, skip: false };
  } catch {
    return { data: null, skip: `${path} is not on this machine (set CHURN_SHARED)` };
  }
}

/** Fails unless equal to a relative tolerance (absolute below 1e-300). */
export function close(actual: number, expected: number, relative: number, what = ''): void {
  const difference = Math.abs(actual - expected);
  if (!(difference <= relative * Math.abs(expected) + 1e-300)) {
    throw new Error(
      `${what} expected ${expected}, got ${actual} (relative ${difference / Math.abs(expected)})`,
    );
  }
}
