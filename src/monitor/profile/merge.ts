import { ChurnError } from '../../error.js';
import type { ColumnProfile, Moments, TableProfile } from './profile.js';
import { mostFrequent } from './text-counter.js';

/**
 * Profile of the rows of both: counts, nulls, sums and groups add up. Groups are null when either side has none. Of
 * the unseen values the most frequent are kept again; one that was cut off on a side counts there as 0.
 *
 * @throws ChurnError model.mismatch when names or bins differ
 */
export function mergeColumns(a: ColumnProfile, b: ColumnProfile): ColumnProfile {
  if (a.name !== b.name || !sameBins(a.bins, b.bins)) {
    throw new ChurnError('model.mismatch', {
      expected: `two profiles of column ${a.name} over the same bins`,
      came: a.name === b.name ? 'different bins' : `a profile of column ${b.name}`,
      fix: 'count both windows over the bins of one reference profile',
    });
  }
  const unseen = new Map(a.unseen.map(({ value, rows }) => [value, rows]));
  for (const { value, rows } of b.unseen) {
    unseen.set(value, (unseen.get(value) ?? 0) + rows);
  }
  return {
    name: a.name,
    ...(a.type !== undefined && { type: a.type }),
    bins: a.bins,
    rows: a.rows + b.rows,
    nulls: a.nulls + b.nulls,
    counts: addCounts(a.counts, b.counts),
    moments: a.moments && b.moments && mergeMoments(a.moments, b.moments),
    unseen: mostFrequent(unseen),
    groups: a.groups && b.groups && a.groups.map((counts, g) => addCounts(counts, b.groups![g])),
  };
}

/**
 * Profile of two windows of one table: columns are merged by name, the window spans both, and `units` becomes an
 * upper bound (a unit seen in both windows counts twice).
 *
 * @throws ChurnError model.mismatch when columns or bins differ
 */
export function mergeTables(a: TableProfile, b: TableProfile): TableProfile {
  const names = (table: TableProfile) => table.columns.map((column) => column.name);
  const other = new Map(b.columns.map((column) => [column.name, column]));
  const missing = names(a).find((name) => !other.has(name));
  if (missing !== undefined || names(a).length !== names(b).length || a.schema !== b.schema) {
    throw new ChurnError('model.mismatch', {
      expected: `profiles of schema ${a.schema} with columns ${names(a).join(', ')}`,
      came: `schema ${b.schema} with columns ${names(b).join(', ')}`,
    });
  }
  return {
    schema: a.schema,
    rows: a.rows + b.rows,
    units: a.units === null || b.units === null ? null : a.units + b.units,
    window: a.window &&
      b.window && {
        from: [a.window.from, b.window.from].sort()[0],
        to: [a.window.to, b.window.to].sort()[1],
      },
    columns: a.columns.map((column) => mergeColumns(column, other.get(column.name)!)),
  };
}

function mergeMoments(a: Moments, b: Moments): Moments {
  const least = (x: number | null, y: number | null) => (x === null ? y : y === null ? x : Math.min(x, y));
  const most = (x: number | null, y: number | null) => (x === null ? y : y === null ? x : Math.max(x, y));
  return {
    finite: a.finite + b.finite,
    pivot: a.pivot,
    sum: a.sum + b.sum,
    sum_squares: a.sum_squares + b.sum_squares,
    min: least(a.min, b.min),
    max: most(a.max, b.max),
    below: a.below + b.below,
    above: a.above + b.above,
  };
}

const addCounts = (a: readonly number[], b: readonly number[]) => a.map((count, i) => count + b[i]);

/** Whether two profiles were counted over the same bins. */
export function sameBins(a: ColumnProfile['bins'], b: ColumnProfile['bins']): boolean {
  const sameList = (x: readonly unknown[], y: readonly unknown[]) =>
    x.length === y.length && x.every((value, i) => value === y[i]);
  if (a === b) {
    return true;
  }
  if (a.kind === 'numeric' && b.kind === 'numeric') {
    return (
      sameList(a.edges, b.edges) &&
      sameList(a.coarse, b.coarse) &&
      sameList(a.coarse_labels, b.coarse_labels) &&
      sameList(a.range, b.range)
    );
  }
  return (
    a.kind === 'categorical' &&
    b.kind === 'categorical' &&
    sameList(a.categories, b.categories) &&
    sameList(a.rare, b.rare)
  );
}
