import { nearest } from '../config/nearest.js';
import type { Encoding, FeatureSpec } from '../model/encode.js';
import type { ProblemList } from './invalid-rows.js';

export interface ValueCounts {
  nulls: Int32Array | Float64Array;
  unseen: Int32Array | Float64Array;
}

/** Checks and encodes one row in one pass; the slower search for what is wrong comes only when something is. */
export interface RowEncoder {
  /** Columns of the design matrix. */
  readonly width: number;
  /**
   * Writes a row's features into `values` from `offset` on, as model/encode.ts does. False when a value is wrong, a feature
   * is missing or a name unknown: then nothing was counted and the values are not to be used.
   */
  encode(
    features: Readonly<Record<string, unknown>>,
    values: Float32Array,
    offset: number,
    counts: ValueCounts,
  ): boolean;
  /** Names everything that is wrong with a row. `place` is where its features stand in the caller's document. */
  explain(features: Readonly<Record<string, unknown>>, place: string, problems: ProblemList): void;
}

/** Largest float32; beyond it a number would become an infinity. */
export const LARGEST_FLOAT32 = 3.4028234663852886e38;

const encoders = new WeakMap<Encoding, RowEncoder>();

export function rowEncoderOf(encoding: Encoding): RowEncoder {
  let encoder = encoders.get(encoding);
  if (encoder === undefined) {
    encoder = createEncoder(encoding);
    encoders.set(encoding, encoder);
  }
  return encoder;
}

function createEncoder({ features: specs, starts, columns }: Encoding): RowEncoder {
  const names = specs.map((spec) => spec.name);
  const known = new Set(names);
  const places = specs.map(placesOf);
  /** Features of the row at hand that are null; counted once the whole row is right. */
  const nulls = new Int32Array(specs.length);
  const unseen = new Int32Array(specs.length);

  function encode(
    features: Readonly<Record<string, unknown>>,
    values: Float32Array,
    offset: number,
    counts: ValueCounts,
  ): boolean {
    let [nullCount, unseenCount] = [0, 0];
    for (let feature = 0; feature < names.length; feature++) {
      const value = features[names[feature]];
      const at = offset + starts[feature];
      const categories = places[feature];
      if (typeof value === 'number' && categories === null) {
        // False for NaN and both infinities too.
        if (!(value >= -LARGEST_FLOAT32 && value <= LARGEST_FLOAT32)) {
          return false;
        }
        values[at] = value;
      } else if (value === null) {
        values.fill(Number.NaN, at, offset + starts[feature + 1]);
        nulls[nullCount++] = feature;
      } else if (typeof value === 'string' && categories !== null) {
        values.fill(0, at, offset + starts[feature + 1]);
        const place = categories.get(value);
        if (place === undefined) {
          unseen[unseenCount++] = feature;
        } else {
          values[at + place] = 1;
        }
      } else if (typeof value === 'boolean' && categories === null) {
        values[at] = value ? 1 : 0;
      } else {
        return false;
      }
    }
    let given = 0;
    for (const _ in features) {
      given++;
    }
    if (given !== names.length) {
      return false;
    }
    for (let i = 0; i < nullCount; i++) {
      counts.nulls[nulls[i]]++;
    }
    for (let i = 0; i < unseenCount; i++) {
      counts.unseen[unseen[i]]++;
    }
    return true;
  }

  function explain(features: Readonly<Record<string, unknown>>, place: string, problems: ProblemList): void {
    specs.forEach((spec) => {
      const value = Object.hasOwn(features, spec.name) ? features[spec.name] : undefined;
      if (!isUsable(spec, value)) {
        problems.add(`${place}.${spec.name}`, expectationOf(spec), value);
      }
    });
    for (const name of Object.keys(features)) {
      if (!known.has(name)) {
        problems.add(`${place}.${name}`, unknownName(name, names), features[name]);
      }
    }
  }

  return { width: columns.length, encode, explain };
}

function placesOf(spec: FeatureSpec): Map<string, number> | null {
  return spec.type === 'number' ? null : new Map(spec.categories.map((category, place) => [category, place]));
}

/** Whether a value may stand for a feature; an absent one may not. */
export function isUsable(spec: FeatureSpec, value: unknown): boolean {
  if (value === null) {
    return true;
  }
  return spec.type === 'number'
    ? typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) <= LARGEST_FLOAT32)
    : typeof value === 'string';
}

export function expectationOf(spec: FeatureSpec): string {
  return spec.type === 'number' ? 'a finite number (up to 3.4e38), true, false or null' : 'a text or null';
}

export function unknownName(name: string, names: readonly string[]): string {
  const near = nearest(name.slice(0, 80), names);
  return near === null
    ? 'only features of the model'
    : `only features of the model (did you mean "${near}"?)`;
}

/** Counts the nulls and unseen categories of an encoded row. */
export function countRow(encoding: Encoding, row: Float32Array, counts: ValueCounts): void {
  encoding.features.forEach((spec, feature) => {
    const [start, end] = [encoding.starts[feature], encoding.starts[feature + 1]];
    if (end === start) {
      return;
    }
    if (Number.isNaN(row[start])) {
      counts.nulls[feature]++;
    } else if (spec.type === 'category' && !row.subarray(start, end).includes(1)) {
      counts.unseen[feature]++;
    }
  });
}
