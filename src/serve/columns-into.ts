import type { EncodeCounts, Encoding, FeatureSpec } from '../model/encode.js';
import { ProblemList, shown } from './invalid-rows.js';
import { nextTurn } from './next-turn.js';
import { expectationOf, isUsable, LARGEST_FLOAT32, unknownName } from './row-encoder.js';

export type ColumnValues = readonly unknown[] | Float32Array | Float64Array;

/** Where the values of one feature go: a column of the matrix `values`, which is `width` wide. */
interface Place {
  spec: FeatureSpec;
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
 * array is a missing value. Other requests have their turn between two columns of other values, and every so many rows.
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
  const typed: TypedColumn[] = [];
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
    const target = { spec, values, width: encoding.columns.length, start, counts, feature, field, problems };
    if (spec.type === 'category') {
      categoriesInto(spec.categories, column, target);
    } else if (column instanceof Float64Array) {
      typed.push({ column, target });
      continue;
    } else {
      numbersInto(column, target, 0, rows);
    }
    await nextTurn();
  }
  await typedInto(typed, rows);
  problems.throwIfAny();
}

interface TypedColumn {
  column: Float64Array;
  target: Place;
}

/** So many rows of the matrix stay in the processor's nearest cache while one column after the other is written. */
const TILE_ROWS = 128;
const TILES_A_TURN = 16;

async function typedInto(columns: readonly TypedColumn[], rows: number): Promise<void> {
  for (let tile = 0; tile * TILE_ROWS < rows; tile++) {
    const from = tile * TILE_ROWS;
    const to = Math.min(from + TILE_ROWS, rows);
    for (const { column, target } of columns) {
      doublesInto(column, target, from, to);
    }
    if (tile % TILES_A_TURN === TILES_A_TURN - 1) {
      await nextTurn();
    }
  }
}

/** Numbers from `from` to before `to`; those that are missing or too large are looked at by themselves. */
function doublesInto(column: Float64Array, place: Place, from: number, to: number): void {
  const { values, width } = place;
  for (let row = from, at = from * width + place.start; row < to; row++, at += width) {
    const value = column[row];
    if (value >= -LARGEST_FLOAT32 && value <= LARGEST_FLOAT32) {
      values[at] = value;
    } else {
      numbersInto(column, place, row, row + 1);
    }
  }
}

function isColumn(value: unknown): value is ColumnValues {
  return Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array;
}

function numbersInto(column: ColumnValues, place: Place, from: number, to: number): void {
  const { spec, values, width, counts, feature, field, problems } = place;
  const nanIsMissing = !Array.isArray(column);
  for (let row = from, at = from * width + place.start; row < to; row++, at += width) {
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

function categoriesInto(categories: readonly string[], column: ColumnValues, place: Place): void {
  const { spec, values, width, counts, feature, field, problems } = place;
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
