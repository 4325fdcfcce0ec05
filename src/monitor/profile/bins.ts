import { nextDown } from '../../maths/float.js';
import { finiteSorted, lowerBound, quantileSorted, upperBound } from '../../maths/sorted.js';
import type { CategoricalBins, NumericBins } from './profile.js';

export interface NumericBinsOptions {
  /** Coarse bins of a column without spikes; a value with this share of the rows, 1 / coarse, is a spike. */
  coarse?: number;
  /** Upper limit of fine bins that hold ordinary values. */
  fine?: number;
  /** Up to so many distinct values: one coarse bin per value. */
  fewValues?: number;
  /** Exact smallest and largest value, where the sample is only a part of the reference. */
  range?: [number, number];
}

/** Label of the coarse bin for what lies between, below and above known values. */
export const OTHER = 'other';

/** A piece of the line up to `upper`: a coarse bin of its own, or one of several fine bins that share it. */
interface Piece {
  upper: number;
  /** Number of the coarse bin; -1 for "other". */
  coarse: number;
}

/**
 * Bins of a numeric column from a sample of the reference, which may hold NaN and infinities and is not changed.
 *
 * Edges are up to 200 reference quantiles whose coarse cuts are the 10 deciles. A value with at least 1/10 of the
 * finite rows is a spike: alone in the bin (nextDown(v), v], and what lies between spikes is cut into as many
 * equal-count coarse bins as it has tenths, at least one. Up to 20 distinct values: each is a spike. Stretches
 * without any reference value form one coarse bin "other". A constant column so has two coarse bins, its value
 * and "other"; a column without finite values one ("any value", no edges). Every number falls in exactly one bin.
 *
 * Quantiles are numpy's default (linear interpolation).
 */
export function numericBins(sample: Float64Array, options: NumericBinsOptions = {}): NumericBins {
  const { coarse = 10, fine = 200, fewValues = 20 } = options;
  const sorted = finiteSorted(sample);
  const n = sorted.length;
  if (n === 0) {
    const range = options.range ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
    return { kind: 'numeric', edges: [], coarse: [0], coarse_labels: ['any value'], range };
  }
  const spikes = spikesOf(sorted, n / coarse, fewValues);
  const gaps = gapsBetween(spikes, n);
  const coarseOf = (gap: Gap) =>
    gap.to === gap.from ? 0 : Math.max(1, Math.round((coarse * (gap.to - gap.from)) / n));
  const total = spikes.length + gaps.reduce((sum, gap) => sum + coarseOf(gap), 0);
  const finePerCoarse = Math.max(1, Math.floor(fine / total));

  const pieces: Piece[] = [];
  let next = 0;
  gaps.forEach((gap, i) => {
    const spike = spikes[i];
    const upper = spike ? nextDown(spike.value) : Infinity;
    const inside = gap.to === gap.from ? [] : cutsOf(sorted, gap, coarseOf(gap), finePerCoarse);
    for (const cut of inside) {
      pieces.push({ upper: cut.at, coarse: next });
      next += cut.isCoarse ? 1 : 0;
    }
    if (upper > (pieces.at(-1)?.upper ?? -Infinity)) {
      pieces.push({ upper, coarse: gap.to === gap.from ? -1 : next++ });
    }
    if (spike) {
      pieces.push({ upper: spike.value, coarse: next++ });
    }
  });
  return assemble(
    pieces,
    next,
    new Set(spikes.map((spike) => spike.value)),
    options.range ?? [sorted[0], sorted[n - 1]],
  );
}

interface Spike {
  value: number;
  from: number;
  to: number;
}

/** All distinct values when there are few, else those that hold at least `share` rows. */
function spikesOf(sorted: Float64Array, share: number, fewValues: number): Spike[] {
  const first: Spike[] = [];
  for (let at = 0; at < sorted.length && first.length <= fewValues; at = first[first.length - 1].to) {
    first.push(runAt(sorted, at));
  }
  if (first.length <= fewValues) {
    return first;
  }
  // So many rows in a row hold one of the places that lie that far apart.
  const apart = Math.max(1, Math.floor(share));
  const frequent: Spike[] = [];
  for (let at = 0; at < sorted.length; at += apart) {
    const run = runAt(sorted, at);
    if (run.to - run.from >= share && run.from !== frequent.at(-1)?.from) {
      frequent.push(run);
    }
  }
  return frequent;
}

/** The rows of the value at a place. */
function runAt(sorted: Float64Array, at: number): Spike {
  const value = sorted[at];
  return { value, from: lowerBound(sorted, value), to: upperBound(sorted, value) };
}

interface Gap {
  from: number;
  to: number;
}

/** The stretches before, between and after the spikes, as places in the sorted array. */
function gapsBetween(spikes: readonly Spike[], n: number): Gap[] {
  const gaps: Gap[] = [];
  let from = 0;
  for (const spike of spikes) {
    gaps.push({ from, to: spike.from });
    from = spike.to;
  }
  gaps.push({ from, to: n });
  return gaps;
}

/** Strictly rising cuts of a gap at its quantiles; none at or above its largest value, which would cut off nothing. */
function cutsOf(
  sorted: Float64Array,
  gap: Gap,
  coarse: number,
  finePerCoarse: number,
): { at: number; isCoarse: boolean }[] {
  const cuts: { at: number; isCoarse: boolean }[] = [];
  const pieces = coarse * finePerCoarse;
  for (let j = 1; j < pieces; j++) {
    const at = quantileSorted(sorted, j / pieces, gap.from, gap.to);
    const isCoarse = j % finePerCoarse === 0;
    const last = cuts.at(-1);
    if (at >= sorted[gap.to - 1]) {
      break;
    }
    if (last && at <= last.at) {
      last.isCoarse ||= isCoarse;
    } else {
      cuts.push({ at, isCoarse });
    }
  }
  return cuts;
}

function assemble(
  pieces: readonly Piece[],
  coarseCount: number,
  spikes: ReadonlySet<number>,
  range: [number, number],
): NumericBins {
  const uppers = new Array<number>(coarseCount).fill(-Infinity);
  const lowers = new Array<number>(coarseCount).fill(Infinity);
  pieces.forEach((piece, i) => {
    if (piece.coarse >= 0) {
      uppers[piece.coarse] = Math.max(uppers[piece.coarse], piece.upper);
      lowers[piece.coarse] = Math.min(lowers[piece.coarse], i === 0 ? -Infinity : pieces[i - 1].upper);
    }
  });
  const hasOther = pieces.some((piece) => piece.coarse < 0);
  const labels = labelsOf(lowers, uppers, spikes);
  return {
    kind: 'numeric',
    edges: pieces.slice(0, -1).map((piece) => piece.upper),
    coarse: pieces.map((piece) => (piece.coarse < 0 ? coarseCount : piece.coarse)),
    coarse_labels: hasOther ? [...labels, OTHER] : labels,
    range,
  };
}

/** Labels with as few digits as keep them apart. */
function labelsOf(
  lowers: readonly number[],
  uppers: readonly number[],
  spikes: ReadonlySet<number>,
): string[] {
  const label = (low: number, high: number, digits: number) => {
    const text = (x: number) => String(Number(x.toPrecision(digits)));
    if (spikes.has(high) && low === nextDown(high)) {
      return String(high);
    }
    if (low === -Infinity) {
      return high === Infinity ? 'any value' : `up to ${text(high)}`;
    }
    return high === Infinity ? `above ${text(low)}` : `${text(low)} to ${text(high)}`;
  };
  for (const digits of [4, 6, 9, 17]) {
    const labels = uppers.map((high, i) => label(lowers[i], high, digits));
    if (digits === 17 || new Set(labels).size === labels.length) {
      return labels;
    }
  }
  return [];
}

/**
 * Bins of a categorical column from its reference counts (pairs may repeat; they add up): a bin for each of the
 * `limit` most frequent categories, ties by name in code-unit order, so the order of the input does not matter.
 * The names of the others are kept, to tell rare from unseen.
 */
export function categoricalBins(counts: Iterable<[string, number]>, limit = 100): CategoricalBins {
  const totals = new Map<string, number>();
  for (const [name, count] of counts) {
    totals.set(name, (totals.get(name) ?? 0) + count);
  }
  const names = [...totals]
    .filter(([, count]) => count > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name]) => name);
  return { kind: 'categorical', categories: names.slice(0, limit), rare: names.slice(limit) };
}
