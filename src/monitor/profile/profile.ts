/** Version of the JSON below; a reader refuses another. */
export const PROFILE_SCHEMA = 1;

/** Number of hash groups of units kept for unit-aware evidence. */
export const UNIT_GROUPS = 64;

/**
 * Bins of a numeric column, fixed by the reference. Fine bin i holds (edges[i-1], edges[i]]; the first reaches down to
 * minus infinity and one more than there are edges reaches up to plus infinity, so nothing falls out.
 * `coarse[i]` names the coarse bin (a decile, a spike, a value, "other") that fine bin i belongs to.
 */
export interface NumericBins {
  kind: 'numeric';
  edges: number[];
  coarse: number[];
  coarse_labels: string[];
  /**
   * Smallest and largest finite value of the reference: what lies outside is "out of range". Without any finite
   * value in the reference the whole finite line, since nothing is known to be outside.
   */
  range: [number, number];
}

/**
 * Bins of a categorical column: one for each of `categories`, one for all of `rare` together, one for unseen
 * values.
 */
export interface CategoricalBins {
  kind: 'categorical';
  categories: string[];
  rare: string[];
}

export type Bins = NumericBins | CategoricalBins;

/** Sum and sum of squares about a stored pivot: safe against cancellation, and they add up. Finite values only. */
export interface Moments {
  /** Rows with a finite value: what sum, sum of squares, min and max are about. */
  finite: number;
  /** Where the sums are taken about: pivotOf(bins), so that profiles over the same bins add up. */
  pivot: number;
  /** Sum of (value - pivot), and of its square. */
  sum: number;
  sum_squares: number;
  min: number | null;
  max: number | null;
  /** Rows below and above the reference range, infinities included. */
  below: number;
  above: number;
}

/**
 * What is kept of one column over one window: counts over fixed bins. Adds up over windows (see merge).
 * `counts` has one number per fine bin (numeric) or per category, then rare, then unseen (categorical). Nulls and NaN
 * are counted in `nulls` only.
 */
export interface ColumnProfile {
  name: string;
  /** What the column held: dates are counted as numbers of days, booleans as texts. Of saved profiles only. */
  type?: 'number' | 'date' | 'boolean' | 'text';
  bins: Bins;
  rows: number;
  nulls: number;
  counts: number[];
  moments: Moments | null;
  /** The most frequent unseen values with their rows, largest first, at most 10. */
  unseen: { value: string; rows: number }[];
  /**
   * Per unit group (0..63) the counts of the coarse cells, in the order of coarseCells; null when there is no
   * unit.
   */
  groups: number[][] | null;
}

/** Profiles of the columns of one table over one window. */
export interface TableProfile {
  schema: typeof PROFILE_SCHEMA;
  rows: number;
  /** Distinct units (users); null when no unit was named. Does not add up over windows: an upper bound after merge. */
  units: number | null;
  window: { from: string; to: string } | null;
  columns: ColumnProfile[];
  /** Columns that have no profile, with the reason. */
  left_out?: { name: string; reason: string }[];
}
