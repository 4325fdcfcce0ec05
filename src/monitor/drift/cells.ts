import { type CellKind, coarseCells } from '../profile/coarse.js';
import type { ColumnProfile } from '../profile/profile.js';

/** One coarse cell with its row counts in both windows. */
export interface CellPair {
  label: string;
  kind: CellKind;
  reference: number;
  current: number;
  /** Place in coarseCells, which is also its place in the unit groups. */
  index: number;
}

/** What every statistic is computed from: two profiles of one column over the same bins. */
export interface Comparison {
  reference: ColumnProfile;
  current: ColumnProfile;
  /** The coarse cells that hold a row in at least one window. */
  cells: readonly CellPair[];
}

export type Side = 'reference' | 'current';

/** The profiles must be over the same bins (see sameBins). */
export function comparisonOf(reference: ColumnProfile, current: ColumnProfile): Comparison {
  return { reference, current, cells: pairCells(reference, current) };
}

/** The coarse cells that hold a row in at least one window. Cells empty on both sides would be smoothed into drift. */
export function pairCells(reference: ColumnProfile, current: ColumnProfile): CellPair[] {
  const now = coarseCells(current);
  return coarseCells(reference)
    .map(({ label, kind, count }, index) => ({
      label,
      kind,
      reference: count,
      current: now[index].count,
      index,
    }))
    .filter((cell) => cell.reference > 0 || cell.current > 0);
}

/** The cells' counts of one window. */
export function countsOf({ cells }: Comparison, side: Side): number[] {
  return cells.map((cell) => cell[side]);
}

/** The cells' shares of one window, as counted. */
export function sharesOf({ cells }: Comparison, side: Side): number[] {
  const rows = cells.reduce((sum, cell) => sum + cell[side], 0);
  return cells.map((cell) => cell[side] / rows);
}

/** Why no statistic of cells can be told, or null. */
export function noRows({ reference, current }: Comparison): string | null {
  for (const [side, { rows }] of [
    ['reference', reference],
    ['current', current],
  ] as const) {
    if (rows === 0) {
      return `the ${side} window has no rows`;
    }
  }
  return null;
}

/** Why the values of two windows cannot be compared at all, or null. */
export function noValues(comparison: Comparison): string | null {
  const { reference, current } = comparison;
  const empty = reference.nulls === reference.rows && current.nulls === current.rows;
  return noRows(comparison) ?? (empty ? 'it has no value in either window' : null);
}
