import { OTHER } from './bins.js';
import type { Bins, ColumnProfile } from './profile.js';

/**
 * What a coarse cell holds. `bin`: values the reference knows; `other`: numbers between, below or above the known ones
 * of a column of few values; `rare`: the categories beyond the limit together; `unseen`: categories the reference does
 * not hold; `null`: no value.
 */
export type CellKind = 'bin' | 'other' | 'rare' | 'unseen' | 'null';

export interface CoarseCell {
  label: string;
  kind: CellKind;
  count: number;
}

/** Labels and kinds of the coarse cells of these bins, in their fixed order; null is the last. */
export function coarseLayout(bins: Bins): { label: string; kind: CellKind }[] {
  const values: { label: string; kind: CellKind }[] =
    bins.kind === 'numeric'
      ? bins.coarse_labels.map((label) => ({ label, kind: label === OTHER ? 'other' : 'bin' }))
      : [
          ...bins.categories.map((label) => ({ label, kind: 'bin' as const })),
          { label: '(rare)', kind: 'rare' },
          { label: '(unseen)', kind: 'unseen' },
        ];
  return [...values, { label: '(null)', kind: 'null' }];
}

/** Counts of the coarse cells: sums of fine bins (numeric) or the counts themselves (categorical), then nulls. */
export function coarseCells(profile: ColumnProfile): CoarseCell[] {
  const cells = coarseLayout(profile.bins).map((cell) => ({ ...cell, count: 0 }));
  const { bins } = profile;
  profile.counts.forEach((count, i) => {
    cells[bins.kind === 'numeric' ? bins.coarse[i] : i].count += count;
  });
  cells[cells.length - 1].count = profile.nulls;
  return cells;
}
