import type { Comparison } from './cells.js';
import type { Evidence, Sampling } from './evidence.js';

/** A statistic's answer: a number, or null with the reason. */
export type StatisticValue =
  | {
      value: number;
      /** The value of the raw rows lies within this of it; absent when counts give it exactly. */
      error?: number;
      /** The same in units of the column, where `value` is divided by a standard deviation. */
      in_units?: number;
      reason?: undefined;
    }
  | { value: null; reason: string };

/** How far a distribution moved, with its own facts; docs tables, help and labels are made from them. */
export interface Statistic {
  id: string;
  title: string;
  /** As sentences and table heads name it. */
  short: string;
  formula: string;
  /** What a value is measured in. */
  unit: string;
  /** Smallest and largest possible value. 0 means unchanged; the further from it, the further moved. */
  range: [number, number];
  appliesTo: readonly ('numeric' | 'categorical')[];
  undefinedWhen: string;
  source: string;
  /** Default levels of the absolute value: from `warn` on WARN, above `fail` FAIL. */
  bands: { warn: number; fail: number };
  /** The effect, from two profiles over the same bins. */
  of(comparison: Comparison): StatisticValue;
  /** How sure it is that anything moved; null when units say too little about the spread between them. */
  evidence(comparison: Comparison, sampling: Sampling): Evidence | null;
  /**
   * The absolute value that at least 99 % of unchanged features stay below when `n` = N M / (N + M) rows are
   * independent. It decides how many rows a verdict needs.
   */
  nullBound(comparison: Comparison, n: number): number;
}
