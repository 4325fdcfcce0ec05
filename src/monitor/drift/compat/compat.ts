import type { DriftStatus } from '../report.js';

/** Raw values of one column in one window: numbers with NaN for null, or texts. */
export type RawValues = Float64Array | readonly (string | null)[];

/** What these systems compare: they choose their bins from the raw values of both windows. */
export interface RawColumn {
  name: string;
  kind: 'numeric' | 'categorical';
  reference: RawValues;
  current: RawValues;
}

export interface CompatOptions {
  /** Id of one of the system's statistics; null: what the system takes by default. */
  statistic: string | null;
  /** Levels of the user, for systems that leave them to the user. */
  warn: number;
  fail: number;
}

/** A part of the current window that is judged by itself: rows [from, to). */
export interface CompatChunk {
  from: number;
  to: number;
  value: number | null;
  p_value: number | null;
  alert: boolean;
}

export interface CompatFinding {
  statistic: string;
  /** Of the worst chunk, where there are several. Null when the system has no number. */
  value: number | null;
  p_value: number | null;
  /** What drift is called beyond; of p-values drift is called below. */
  threshold: { lower: number | null; upper: number | null };
  status: DriftStatus;
  chunks: CompatChunk[];
}

/** Another system's drift, to the same digits, for users who migrate: to compare with, not to judge by. */
export interface CompatSystem {
  id: string;
  title: string;
  /** Bins and zero rule. */
  rule: string;
  source: string;
  /** Ids of its statistics, by kind of column. None for a kind that it does not know. */
  statistics: { numeric: readonly string[]; categorical: readonly string[] };
  compare(column: RawColumn, options: CompatOptions): CompatFinding;
}
