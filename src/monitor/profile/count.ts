import { ChurnError } from '../../error.js';
import { numberCounter } from './number-counter.js';
import { type Bins, type ColumnProfile, PROFILE_SCHEMA, type TableProfile } from './profile.js';
import { textCounter } from './text-counter.js';

/** The unit (user) group, 0..63, of every row. */
export type UnitGroups = ArrayLike<number>;

/**
 * Counts one column over fixed bins: the definition that every other counter has to equal. Numbers come as a Float64Array in
 * which NaN is null; categories as texts or null. `groups` gives the unit group of every row, when there is a unit.
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
  if (bins.kind === 'numeric') {
    const counter = numberCounter(name, bins, groups !== undefined);
    counter.add(numbersOf(name, values), groups);
    return counter.profile();
  }
  const counter = textCounter(name, bins, groups !== undefined);
  textsOf(name, values).forEach((value, i) => {
    counter.add(value, 1, groups?.[i]);
  });
  return counter.profile();
}

/** Joins columns of the same rows to a table. `units`: distinct units, null without a unit. */
export function tableProfile(
  columns: ColumnProfile[],
  units: number | null,
  window: TableProfile['window'] = null,
): TableProfile {
  return { schema: PROFILE_SCHEMA, rows: columns[0]?.rows ?? 0, units, window, columns };
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
