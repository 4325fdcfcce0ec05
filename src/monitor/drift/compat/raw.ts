import { sortedWithoutNaN } from '../../../maths/sorted.js';
import type { RawValues } from './compat.js';

/** Numbers, in order. @throws TypeError for texts, which callers keep out by kind */
export function sortedNumbers(values: RawValues): Float64Array {
  if (values instanceof Float64Array) {
    return sortedWithoutNaN(values);
  }
  throw new TypeError('texts where numbers are compared');
}

/** Rows of each value, nulls left out. Keys are the values themselves, numbers or texts. */
export function valueCounts(values: RawValues): Map<number | string, number> {
  const counts = new Map<number | string, number>();
  for (const value of values as Iterable<number | string | null>) {
    if (value !== null && !Number.isNaN(value)) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return counts;
}

/** Counts over the union of the values of both windows. */
export function pairedCounts(
  reference: RawValues,
  current: RawValues,
): { keys: (number | string)[]; reference: number[]; current: number[] } {
  const [before, now] = [valueCounts(reference), valueCounts(current)];
  const keys = [...new Set([...before.keys(), ...now.keys()])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    keys,
    reference: keys.map((key) => before.get(key) ?? 0),
    current: keys.map((key) => now.get(key) ?? 0),
  };
}

/** Values that are there; of numbers, the finite ones. */
export function present(values: RawValues): RawValues {
  return values instanceof Float64Array
    ? values.filter((value) => Number.isFinite(value))
    : values.filter((value) => value !== null);
}
