import type { ColumnProfile, NumericBins } from './profile.js';

/**
 * A reference profile for current values that were rounded to float32, as served and logged rows are. Its edges come from
 * doubles: 1/3 as float32 is a little more than 1/3, so it would miss the bin of its own spike and look like drift. The
 * edges are rounded too; where two of them meet (just below a spike, and the spike) the lower one moves down by one float32.
 * Counts stay as they are.
 */
export function asFloat32(profile: ColumnProfile): ColumnProfile {
  return profile.bins.kind === 'numeric' ? { ...profile, bins: float32Bins(profile.bins) } : profile;
}

function float32Bins(bins: NumericBins): NumericBins {
  const edges = Float32Array.from(bins.edges);
  for (let i = edges.length - 2; i >= 0; i--) {
    if (!(edges[i] < edges[i + 1])) {
      edges[i] = nextDown32(edges[i + 1]);
    }
  }
  const [low, high] = bins.range;
  return { ...bins, edges: Array.from(edges), range: [finite32(low), finite32(high)] };
}

/** Neighbouring bins that drift does not tell apart become one: a tenth of the edges to search, the same PSI. */
export function coarsened(profile: ColumnProfile): ColumnProfile {
  const { bins, counts } = profile;
  if (bins.kind !== 'numeric') {
    return profile;
  }
  const starts = bins.coarse.flatMap((cell, i) => (i === 0 || cell !== bins.coarse[i - 1] ? [i] : []));
  const sums = starts.map((from, i) =>
    counts.slice(from, starts[i + 1]).reduce((sum, count) => sum + count, 0),
  );
  return {
    ...profile,
    counts: sums,
    bins: {
      ...bins,
      edges: starts.slice(1).map((start) => bins.edges[start - 1]),
      coarse: starts.map((start) => bins.coarse[start]),
    },
  };
}

/** The range of a column without values is the whole line of doubles. */
function finite32(x: number): number {
  const rounded = Math.fround(x);
  return Number.isFinite(rounded) ? rounded : x;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The largest float32 below `x`, itself one. */
function nextDown32(x: number): number {
  if (x === 0) {
    return -(2 ** -149);
  }
  float[0] = x;
  bits[0] += x > 0 ? -1 : 1;
  return float[0];
}
