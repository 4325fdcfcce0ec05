import { type CategoricalBins, type ColumnProfile, UNIT_GROUPS } from './profile.js';

/** Unseen values kept by name. */
export const UNSEEN_KEPT = 10;

/** Counts a column of categories, value by value. */
export interface TextCounter {
  /** So many rows of one value (null included), of one unit group when there is a unit. */
  add(value: string | null, rows: number, group?: number): void;
  profile(): ColumnProfile;
}

export function textCounter(name: string, bins: CategoricalBins, grouped: boolean): TextCounter {
  const rareCell = bins.categories.length;
  const [unseenCell, nullCell] = [rareCell + 1, rareCell + 2];
  const cellOf = new Map([
    ...bins.rare.map((value) => [value, rareCell] as [string, number]),
    ...bins.categories.map((value, i) => [value, i] as [string, number]),
  ]);
  const counts = new Array<number>(rareCell + 2).fill(0);
  const groups = grouped
    ? Array.from({ length: UNIT_GROUPS }, () => new Array<number>(rareCell + 3).fill(0))
    : null;
  const unseen = new Map<string, number>();
  let [all, nulls] = [0, 0];
  return {
    add: (value, rows, group) => {
      const cell = value === null ? nullCell : (cellOf.get(value) ?? unseenCell);
      all += rows;
      if (value === null) {
        nulls += rows;
      } else {
        counts[cell] += rows;
        if (cell === unseenCell) {
          unseen.set(value, (unseen.get(value) ?? 0) + rows);
        }
      }
      if (groups !== null && group !== undefined) {
        groups[group][cell] += rows;
      }
    },
    profile: () => ({
      name,
      bins,
      rows: all,
      nulls,
      counts,
      moments: null,
      unseen: mostFrequent(unseen),
      groups,
    }),
  };
}

/** The most frequent values, ties by name, at most UNSEEN_KEPT. */
export function mostFrequent(rowsOf: ReadonlyMap<string, number>): ColumnProfile['unseen'] {
  return [...rowsOf]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, UNSEEN_KEPT)
    .map(([value, rows]) => ({ value, rows }));
}
