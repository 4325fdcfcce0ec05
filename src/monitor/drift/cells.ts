import { type CellKind, coarseCells } from '../profile/coarse.js';
import type { ColumnProfile } from '../profile/profile.js';

/** One coarse cell with its row counts in both windows: what every statistic is computed from. */
export interface CellPair {
  label: string;
  kind: CellKind;
  reference: number;
  current: number;
  /** Place in coarseCells, which is also its place in the unit groups. */
  index: number;
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
