import { ChurnError } from '../../error.js';
import { lowerBound } from '../../maths/sorted.js';
import { coarseLayout } from './coarse.js';
import { pivotOf } from './moments.js';
import {
  type Bins,
  type CategoricalBins,
  type ColumnProfile,
  type Moments,
  type NumericBins,
  PROFILE_SCHEMA,
  type TableProfile,
  UNIT_GROUPS,
} from './profile.js';

/** The unit (user) group, 0..63, of every row. */
export type UnitGroups = Uint8Array;

/** Unseen values kept by name. */
export const UNSEEN_KEPT = 10;

/**
 * Counts one column over fixed bins: the definition that every other counter (SQL) has to equal. Numbers come as a
 * Float64Array in which NaN is null; categories as texts or null. `groups` gives the unit group of every row, when
 * there is a unit.
 *
 * @throws ChurnError data.invalid when lengths differ or values and bins are of different kinds
 */
export function profileOfValues(
  name: string,
  bins: Bins,
  values: Float64Array | readonly (string | null)[],
  groups?: UnitGroups,
): ColumnProfile {
  if (groups && groups.length !== values.length) {
    throw new ChurnError('data.invalid', {
      expected: `a unit group for each of the ${values.length} rows of ${name}`,
      came: `${groups.length} groups`,
    });
  }
  const cellCount = coarseLayout(bins).length;
  const tally: Tally = {
    counts: new Array<number>(
      bins.kind === 'numeric' ? bins.edges.length + 1 : bins.categories.length + 2,
    ).fill(0),
    nulls: 0,
    groups: groups ? Array.from({ length: UNIT_GROUPS }, () => new Array<number>(cellCount).fill(0)) : null,
  };
  const extra =
    bins.kind === 'numeric'
      ? { moments: countNumbers(bins, numbersOf(name, values), tally, groups), unseen: [] }
      : { moments: null, unseen: countTexts(bins, textsOf(name, values), tally, groups) };
  return { name, bins, rows: values.length, ...tally, ...extra };
}

/** Joins columns of the same rows to a table. `units`: distinct units, null without a unit. */
export function tableProfile(
  columns: ColumnProfile[],
  units: number | null,
  window: TableProfile['window'] = null,
): TableProfile {
  return { schema: PROFILE_SCHEMA, rows: columns[0]?.rows ?? 0, units, window, columns };
}

interface Tally {
  counts: number[];
  nulls: number;
  groups: number[][] | null;
}

function countNumbers(bins: NumericBins, values: Float64Array, tally: Tally, groups?: UnitGroups): Moments {
  const [low, high] = bins.range;
  const edges = Float64Array.from(bins.edges);
  const nullCell = bins.coarse_labels.length;
  const pivot = pivotOf(bins);
  let [finite, sum, squares, min, max, below, above] = [0, 0, 0, Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    let cell = nullCell;
    if (Number.isNaN(value)) {
      tally.nulls++;
    } else {
      const bin = lowerBound(edges, value);
      tally.counts[bin]++;
      cell = bins.coarse[bin];
      below += value < low ? 1 : 0;
      above += value > high ? 1 : 0;
      if (Number.isFinite(value)) {
        const deviation = value - pivot;
        finite++;
        sum += deviation;
        squares += deviation * deviation;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
    if (tally.groups && groups) {
      tally.groups[groups[i]][cell]++;
    }
  }
  return {
    finite,
    pivot,
    sum,
    sum_squares: squares,
    min: finite === 0 ? null : min + 0,
    max: finite === 0 ? null : max + 0,
    below,
    above,
  };
}

function countTexts(
  bins: CategoricalBins,
  values: readonly (string | null)[],
  tally: Tally,
  groups?: UnitGroups,
): ColumnProfile['unseen'] {
  const rareCell = bins.categories.length;
  const cellOf = new Map<string, number>();
  for (const name of bins.rare) {
    cellOf.set(name, rareCell);
  }
  bins.categories.forEach((name, i) => {
    cellOf.set(name, i);
  });
  const unseen = new Map<string, number>();
  values.forEach((value, i) => {
    let cell = rareCell + 2;
    if (value === null) {
      tally.nulls++;
    } else {
      cell = cellOf.get(value) ?? rareCell + 1;
      tally.counts[cell]++;
      if (cell === rareCell + 1) {
        unseen.set(value, (unseen.get(value) ?? 0) + 1);
      }
    }
    if (tally.groups && groups) {
      tally.groups[groups[i]][cell]++;
    }
  });
  return mostFrequent(unseen);
}

/** The most frequent values, ties by name, at most UNSEEN_KEPT. */
export function mostFrequent(rowsOf: ReadonlyMap<string, number>): ColumnProfile['unseen'] {
  return [...rowsOf]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, UNSEEN_KEPT)
    .map(([value, rows]) => ({ value, rows }));
}

function numbersOf(name: string, values: Float64Array | readonly (string | null)[]): Float64Array {
  if (values instanceof Float64Array) {
    return values;
  }
  throw new ChurnError('data.column_type', { expected: `numbers in column ${name}`, came: 'texts' });
}

function textsOf(
  name: string,
  values: Float64Array | readonly (string | null)[],
): readonly (string | null)[] {
  if (!(values instanceof Float64Array)) {
    return values;
  }
  throw new ChurnError('data.column_type', { expected: `texts in column ${name}`, came: 'numbers' });
}
