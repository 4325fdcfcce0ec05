import type { CellPair } from './cells.js';

/** A statistic's answer: a number, or null with the reason. */
export type StatisticValue = { value: number; reason?: undefined } | { value: null; reason: string };

/** How far a distribution moved, with its own facts; docs tables and labels are made from them. */
export interface Statistic {
  id: string;
  title: string;
  formula: string;
  /** Smallest and largest possible value. */
  range: [number, number];
  /** All statistics so far: 0 means unchanged, higher means moved further. */
  direction: 'higher_is_more';
  appliesTo: readonly ('numeric' | 'categorical')[];
  undefinedWhen: string;
  source: string;
  /** From the jointly non-empty coarse cells (pairCells). */
  of(cells: readonly CellPair[]): StatisticValue;
}
