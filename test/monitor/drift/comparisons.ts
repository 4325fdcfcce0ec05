import { type Comparison, comparisonOf } from '../../../src/monitor/drift/cells.js';
import { categoricalBins, numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../../src/monitor/profile/count.js';

/** Two windows of numbers over the bins of the first; NaN is null. */
export function ofNumbers(reference: Float64Array, current: Float64Array, groups?: Groups): Comparison {
  const bins = numericBins(reference);
  return comparisonOf(
    profileOfValues('x', bins, reference, groups?.reference),
    profileOfValues('x', bins, current, groups?.current),
  );
}

export interface Groups {
  reference: Uint8Array;
  current: Uint8Array;
}

/** Two windows of texts over the categories of the first. */
export function ofTexts(
  reference: readonly (string | null)[],
  current: readonly (string | null)[],
): Comparison {
  const bins = categoricalBins(
    reference.flatMap((value) => (value === null ? [] : [[value, 1] as [string, number]])),
  );
  return comparisonOf(profileOfValues('x', bins, reference), profileOfValues('x', bins, current));
}

/** Two windows with so many rows of each category "0", "1", ... */
export function ofCounts(reference: readonly number[], current: readonly number[]): Comparison {
  const names = (counts: readonly number[]) =>
    counts.flatMap((count, i) => new Array<string>(count).fill(String(i)));
  return ofTexts(names(reference), names(current));
}
