import type { Column } from '../data/engine/engine.js';
import { ChurnError } from '../error.js';

/** One feature as the user knows it. Booleans are numbers 0 and 1. */
export type FeatureSpec =
  | { name: string; type: 'number' }
  | { name: string; type: 'category'; categories: readonly string[] };

/** How features become columns of the design matrix. It is stored in the model. */
export interface Encoding {
  features: readonly FeatureSpec[];
  /** Names of the columns: `age`, `plan=free`, `plan=paid`. */
  columns: readonly string[];
  /** First column of each feature, and the number of columns at the end. */
  starts: readonly number[];
}

/** Values that say nothing, by feature: how many were missing, and how many were categories unknown to the model. */
export interface EncodeCounts {
  nulls: Int32Array;
  unseen: Int32Array;
}

/**
 * Lays out the columns: a number is one, a category one for each value the model knows.
 * @throws data.invalid when a name or category comes twice.
 */
export function encodingOf(features: readonly FeatureSpec[]): Encoding {
  const columns: string[] = [];
  const starts: number[] = [];
  for (const feature of features) {
    starts.push(columns.length);
    columns.push(
      ...(feature.type === 'number'
        ? [feature.name]
        : feature.categories.map((category) => `${feature.name}=${category}`)),
    );
  }
  starts.push(columns.length);
  const names = [...features.map((feature) => feature.name), ...columns.filter((name) => name.includes('='))];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ChurnError('data.invalid', {
      expected: 'features with names of their own',
      came: `"${twice}" twice`,
    });
  }
  return { features, columns, starts };
}

export function newCounts(encoding: Encoding): EncodeCounts {
  const features = encoding.features.length;
  return { nulls: new Int32Array(features), unseen: new Int32Array(features) };
}

/**
 * Writes `rows` rows of a chunk into the matrix `values` (row by row, float32) from row `rowOffset` on. `chunk` holds one
 * column per feature, in the encoding's order. A number: NaN stays NaN (missing). A category: 1 in its own column and 0
 * in the feature's others; null: NaN in all of them; unknown to the model: 0 in all of them. `counts` is added to.
 * @throws data.invalid naming the feature for an infinity, data.column_type for text where a number is meant or the
 * other way round, model.mismatch when the chunk or the matrix is too small.
 */
export function encodeInto(
  encoding: Encoding,
  chunk: readonly Column[],
  rows: number,
  values: Float32Array,
  rowOffset: number,
  counts: EncodeCounts = newCounts(encoding),
): void {
  const { features, columns, starts } = encoding;
  const width = columns.length;
  if (chunk.length !== features.length || values.length < (rowOffset + rows) * width) {
    throw new ChurnError('model.mismatch', {
      expected: `${features.length} feature columns and room for ${(rowOffset + rows) * width} values`,
      came: `${chunk.length} columns and room for ${values.length}`,
    });
  }
  features.forEach((feature, index) => {
    const column = chunk[index];
    const at = rowOffset * width + starts[index];
    if (feature.type === 'number') {
      counts.nulls[index] += encodeNumbers(
        feature.name,
        numbersOf(feature.name, column),
        values,
        at,
        width,
        rows,
      );
    } else {
      const texts = textsOf(feature.name, column);
      encodeCategories(feature.categories, texts, values, at, width, rows, counts, index);
    }
  });
}

function encodeNumbers(
  name: string,
  column: ArrayLike<number>,
  values: Float32Array,
  start: number,
  width: number,
  rows: number,
): number {
  let nulls = 0;
  for (let row = 0, at = start; row < rows; row++, at += width) {
    values[at] = column[row];
    // What was stored, not what came: a number beyond float32 becomes an infinity there. NaN minus itself is NaN too.
    const stored = values[at];
    if (stored - stored !== 0) {
      if (!Number.isNaN(stored)) {
        throw new ChurnError('data.invalid', {
          expected: `finite numbers (up to 3.4e38) or nulls in feature "${name}"`,
          came: `${column[row]}`,
        });
      }
      nulls++;
    }
  }
  return nulls;
}

function encodeCategories(
  categories: readonly string[],
  column: readonly (string | null)[],
  values: Float32Array,
  start: number,
  width: number,
  rows: number,
  counts: EncodeCounts,
  feature: number,
): void {
  const places = new Map(categories.map((category, place) => [category, place]));
  for (let row = 0, at = start; row < rows; row++, at += width) {
    const category = column[row];
    if (category === null || category === undefined) {
      values.fill(Number.NaN, at, at + categories.length);
      counts.nulls[feature]++;
      continue;
    }
    values.fill(0, at, at + categories.length);
    const place = places.get(category);
    if (place === undefined) {
      counts.unseen[feature]++;
    } else {
      values[at + place] = 1;
    }
  }
}

function numbersOf(name: string, column: Column): ArrayLike<number> {
  if (Array.isArray(column)) {
    throw new ChurnError('data.column_type', { expected: `numbers in feature "${name}"`, came: 'text' });
  }
  return column;
}

function textsOf(name: string, column: Column): readonly (string | null)[] {
  if (!Array.isArray(column)) {
    throw new ChurnError('data.column_type', {
      expected: `text in the category "${name}"`,
      came: 'numbers',
      fix: 'cast the column to text or declare the feature as a number',
    });
  }
  return column;
}

/** Sums the contributions of columns into those of the features they stand for: Shapley values add up. */
export function contributionsByFeature(encoding: Encoding, byColumn: ArrayLike<number>): Float64Array {
  const byFeature = new Float64Array(encoding.features.length);
  for (let feature = 0; feature < byFeature.length; feature++) {
    for (let column = encoding.starts[feature]; column < encoding.starts[feature + 1]; column++) {
      byFeature[feature] += byColumn[column];
    }
  }
  return byFeature;
}
