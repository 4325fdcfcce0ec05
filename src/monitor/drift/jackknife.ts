import type { Comparison } from './cells.js';
import { smallestExpected, total } from './evidence.js';

/** Counts of the same cells by unit group, [group][cell], for both windows. */
export interface GroupedTable {
  reference: readonly (readonly number[])[];
  current: readonly (readonly number[])[];
}

/** Fewer unit groups with rows than this say too little about the spread between units. */
export const FEWEST_GROUPS = 16;

/** The unit groups of a comparison that hold rows, over its cells. Profiles without groups give none. */
export function groupsOf({ reference, current, cells }: Comparison): GroupedTable {
  const over = (groups: number[][] | null) =>
    (groups ?? []).map((counts) => cells.map((cell) => counts[cell.index]));
  return withRows({ reference: over(reference.groups), current: over(current.groups) });
}

/** Leaves out the groups that are empty in both windows. */
export function withRows({ reference, current }: GroupedTable): GroupedTable {
  const kept = [...reference.keys()].filter((g) => total(reference[g]) + total(current[g]) > 0);
  return { reference: kept.map((g) => reference[g]), current: kept.map((g) => current[g]) };
}

/** Sums over the groups. */
export function columnSums(rows: readonly (readonly number[])[]): number[] {
  const sums = new Array<number>(rows[0]?.length ?? 0).fill(0);
  for (const row of rows) {
    row.forEach((value, i) => {
      sums[i] += value;
    });
  }
  return sums;
}

/** Joins the cells with an expected count below 5, and with them the smallest other one if they are still too few. */
export function pooledCells(grouped: GroupedTable): GroupedTable {
  let current = grouped;
  for (;;) {
    const table = { reference: columnSums(current.reference), current: columnSums(current.current) };
    const k = table.reference.length;
    if (k <= 2 || smallestExpected(table) >= 5) {
      return current;
    }
    const sizes = table.reference.map((count, i) => count + table.current[i]);
    const [first, second] = [...sizes.keys()].sort((a, b) => sizes[a] - sizes[b] || a - b);
    const join = (counts: readonly number[]) =>
      counts.map((count, i) => (i === second ? count + counts[first] : count)).filter((_, i) => i !== first);
    current = { reference: current.reference.map(join), current: current.current.map(join) };
  }
}

/** q - p with one group deleted from both windows at a time, [group][cell]. */
export function replicatesOf({ reference, current }: GroupedTable): number[][] {
  const [before, now] = [columnSums(reference), columnSums(current)];
  const [n, m] = [total(before), total(now)];
  return reference.map((inReference, g) => {
    const inCurrent = current[g];
    const restReference = n - total(inReference);
    const restCurrent = m - total(inCurrent);
    return before.map(
      (count, i) => (now[i] - inCurrent[i]) / restCurrent - (count - inReference[i]) / restReference,
    );
  });
}

/**
 * Standard error of the weighted sum w'(q - p) by deleting one unit group at a time (delete-a-group jackknife), and what
 * independent rows would give. Null when fewer than 16 groups hold rows or a window lies in one group.
 * Source: Kott 2001.
 */
export function contrastError(
  groups: GroupedTable,
  weights: readonly number[],
): { error: number; independent: number; groups: number } | null {
  const count = groups.reference.length;
  if (count < FEWEST_GROUPS) {
    return null;
  }
  const values = replicatesOf(groups).map((replicate) => dot(replicate, weights));
  if (!values.every(Number.isFinite)) {
    return null;
  }
  const mean = total(values) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const variance = (side: readonly (readonly number[])[]) => {
    const counts = columnSums(side);
    const rows = total(counts);
    const center = dot(counts, weights) / rows;
    return counts.reduce((sum, c, i) => sum + c * (weights[i] - center) ** 2, 0) / rows / rows;
  };
  return {
    error: Math.sqrt((squares * (count - 1)) / count),
    independent: Math.sqrt(variance(groups.reference) + variance(groups.current)),
    groups: count,
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
