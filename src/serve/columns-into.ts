import type { EncodeCounts, Encoding, FeatureSpec } from '../model/encode.js';
import { ProblemList, shown } from './invalid-rows.js';
import { expectationOf, isUsable, LARGEST_FLOAT32, unknownName } from './row-encoder.js';

export type ColumnValues = readonly unknown[] | Float32Array | Float64Array;

/** Where the values of one feature go: a column of the matrix `values`, which is `width` wide. */
interface Place {
  values: Float32Array;
  width: number;
  /** First column of the feature. */
  start: number;
  counts: EncodeCounts;
  feature: number;
  /** Where the values stand in the caller's document. */
  field: string;
  problems: ProblemList;
}

/**
 * Checks columns by feature name and encodes them into `values` in the same pass, as model/encode.ts does. NaN in a typed
 * array is a missing value. Other requests have their turn between two columns.
 * @throws InvalidRows naming unknown, absent and too short columns and every wrong value
 */
export async function columnsInto(
  encoding: Encoding,
  columns: Readonly<Record<string, ColumnValues>>,
  rows: number,
  values: Float32Array,
  counts: EncodeCounts,
  place: string,
): Promise<void> {
  const problems = new ProblemList();
  const names = encoding.features.map((feature) => feature.name);
  for (const name of Object.keys(columns)) {
    if (!names.includes(name)) {
      problems.add(`${place}.${name}`, unknownName(name, names), columns[name]);
    }
  }
  for (const [feature, spec] of encoding.features.entries()) {
    const field = `${place}.${spec.name}`;
    const column = Object.hasOwn(columns, spec.name) ? columns[spec.name] : undefined;
    if (!isColumn(column) || column.length !== rows) {
      problems.addInWords(
        field,
        `a list of ${rows} values`,
        isColumn(column) ? `${column.length} values` : shown(column),
      );
      continue;
    }
    const start = encoding.starts[feature];
    const target = { values, width: encoding.columns.length, start, counts, feature, field, problems };
    if (spec.type === 'number') {
      numbersInto(spec, column, target);
    } else {
      categoriesInto(spec, spec.categories, column, target);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  problems.throwIfAny();
}

function isColumn(value: unknown): value is ColumnValues {
  return Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array;
}

function numbersInto(spec: FeatureSpec, column: ColumnValues, place: Place): void {
  const { values, width, counts, feature, field, problems } = place;
  const nanIsMissing = !Array.isArray(column);
  for (let row = 0, at = place.start; row < column.length; row++, at += width) {
    const value: unknown = column[row];
    if (typeof value === 'number' && value >= -LARGEST_FLOAT32 && value <= LARGEST_FLOAT32) {
      values[at] = value;
    } else if (value === null || (nanIsMissing && Number.isNaN(value))) {
      values[at] = Number.NaN;
      counts.nulls[feature]++;
    } else if (typeof value === 'boolean') {
      values[at] = value ? 1 : 0;
    } else {
      problems.add(`${field}[${row}]`, expectationOf(spec), value);
    }
  }
}

function categoriesInto(
  spec: FeatureSpec,
  categories: readonly string[],
  column: ColumnValues,
  place: Place,
): void {
  const { values, width, counts, feature, field, problems } = place;
  const places = new Map(categories.map((category, i) => [category, i]));
  const nanIsMissing = !Array.isArray(column);
  for (let row = 0, at = place.start; row < column.length; row++, at += width) {
    const value: unknown = nanIsMissing && Number.isNaN(column[row]) ? null : column[row];
    if (!isUsable(spec, value)) {
      problems.add(`${field}[${row}]`, expectationOf(spec), value);
    } else if (value === null) {
      values.fill(Number.NaN, at, at + categories.length);
      counts.nulls[feature]++;
    } else {
      const known = places.get(value as string);
      if (known === undefined) {
        counts.unseen[feature]++;
      } else {
        values[at + known] = 1;
      }
    }
  }
}
