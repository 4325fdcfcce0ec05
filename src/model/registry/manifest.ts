import type { MeasureId, MeasureValue } from '../../monitor/performance/report.js';
import type { Day, Window } from '../../time.js';
import type { FeatureSpec } from '../encode.js';

export const MANIFEST_SCHEMA = 1;

/** The training record of one version: what it is, what it was made of and how good it was. */
export interface Manifest {
  schema: typeof MANIFEST_SCHEMA;
  version: string;
  created_at: string;
  /** As of which day it was trained. */
  at: Day;
  trainer: string;
  /** The champion when it was trained. */
  parent: string | null;
  data: {
    /** Days learnt from, [from, to). */
    from: Day;
    to: Day;
    rows: number;
    users: number;
    positives: number;
    validation: Window | null;
    validated: string;
    test: Window & { rows: number; users: number; positives: number };
    purge_days: number;
    sampling: unknown;
    population: unknown;
    complete_windows: boolean;
  };
  label: Record<string, unknown>;
  features: FeatureSpec[];
  /** Mean absolute contribution (log-odds) per feature on the test rows, largest first. */
  importance: { feature: string; mean_contribution: number }[];
  parameters: Record<string, string | number>;
  rounds: number;
  seed: number;
  calibration: { method: string; slope: number; intercept: number; because: string };
  /** Of the test rows. */
  measures: Record<MeasureId, MeasureValue> & { ece: MeasureValue };
  positive_rate: number | null;
  /** What is too odd, or too good, to be true; versions of before say nothing. */
  warnings?: string[];
  /** The ONNX file against the library's own scores, on every test row. */
  proof: { rows: number; max_difference: number };
  /** SHA-256 of each file of the version. */
  files: Record<string, string>;
  libraries: Record<string, string>;
}

/** A few test rows with the probability that the library itself gave them. */
export interface GoldenRows {
  features: string[];
  rows: (number | string | null)[][];
  probabilities: number[];
}
