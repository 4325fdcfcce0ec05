import { lowerBound } from '../../../maths/sorted.js';
import { chiSquaredSurvival } from '../../../maths/special.js';
import { hellingerOfShares } from '../hellinger.js';
import { jensenShannonOfShares } from '../jensen-shannon.js';
import type { CompatChunk, CompatFinding, CompatSystem, RawColumn, RawValues } from './compat.js';
import { ecdfGap, wassersteinOfValues } from './ecdf.js';
import { doaneEdges, equalEdges, histogram } from './histogram.js';
import { present, sortedNumbers, valueCounts } from './raw.js';

/** A statistic fitted to the reference: its number for a chunk, and the p-value where alerts go by that. */
type Fitted = (chunk: RawValues) => { value: number; p: number | null };
type Method = (reference: RawValues) => Fitted;

const CHUNKS = 10;
/** From so many reference rows on, distributions are read from this many bins. */
const ESTIMATED = 10_000;

/** Shares in the reference's bins; what falls outside is a bin of its own that the reference leaves empty. */
function binned(reference: RawValues, sharesOf: (p: number[], q: number[]) => number): Fitted {
  const counter = reference instanceof Float64Array ? numberCounter(reference) : textCounter(reference);
  const rows = reference.length;
  const p = counter(reference).map((count) => count / rows);
  return (chunk) => {
    const q = counter(chunk).map((count) => count / chunk.length);
    const rest = 1 - q.reduce((sum, share) => sum + share, 0);
    const value = rest > 0 ? sharesOf([...p, 0], [...q, rest]) : sharesOf(p, q);
    return { value, p: null };
  };
}

function numberCounter(reference: Float64Array): (values: RawValues) => number[] {
  const edges = doaneEdges(sortedNumbers(reference));
  return (values) => histogram(sortedNumbers(values), edges);
}

function textCounter(reference: RawValues): (values: RawValues) => number[] {
  const keys = [...valueCounts(reference).keys()];
  return (values) => {
    const counts = valueCounts(values);
    return keys.map((key) => counts.get(key) ?? 0);
  };
}

const jensenShannon: Method = (reference) => binned(reference, (p, q) => jensenShannonOfShares(p, q));
const hellinger: Method = (reference) => binned(reference, hellingerOfShares);

const kolmogorovSmirnov: Method = (reference) => {
  const sorted = sortedNumbers(reference);
  if (sorted.length < ESTIMATED) {
    return (chunk) => ({ value: ecdfGap(sorted, sortedNumbers(chunk)), p: null });
  }
  const edges = equalEdges(sorted[0], sorted[sorted.length - 1], ESTIMATED);
  const before = cumulative(histogram(sorted, edges), sorted.length);
  return (chunk) => {
    const values = sortedNumbers(chunk);
    const below = lowerBound(values, edges[0]);
    const now = cumulative(histogram(values, edges), values.length);
    const gaps = before.map((share, i) => Math.abs(share - (below / values.length + now[i])));
    return { value: Math.max(...gaps), p: null };
  };
};

function cumulative(counts: readonly number[], rows: number): number[] {
  let sum = 0;
  return counts.map((count) => {
    sum += count / rows;
    return sum;
  });
}

const wasserstein: Method = (reference) => {
  const sorted = sortedNumbers(reference);
  if (sorted.length < ESTIMATED) {
    return (chunk) => ({ value: wassersteinOfValues(sorted, sortedNumbers(chunk)), p: null });
  }
  const edges = equalEdges(sorted[0], sorted[sorted.length - 1], ESTIMATED);
  const before = cumulative(histogram(sorted, edges), sorted.length);
  return (chunk) => ({ value: estimatedArea(before, edges, sortedNumbers(chunk)), p: null });
};

/** As NannyML sums it: within the bins by their upper ends, outside by the steps of the chunk, one row too many at each side. */
function estimatedArea(before: readonly number[], edges: readonly number[], values: Float64Array): number {
  const n = values.length;
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const smaller = values.filter((value) => value < low);
  const bigger = values.filter((value) => value > high);
  const outside = (count: number) => (count === 0 ? 0 : (count + 1) / n);
  const now = cumulative(histogram(values, edges), n);
  const width = edges[1] - edges[0];
  const within = before.reduce(
    (sum, share, i) => sum + Math.abs(share - (now[i] + outside(smaller.length))) * width,
    0,
  );
  const steps = (points: Float64Array, weight: (share: number) => number) =>
    points.reduce((sum, x, i) => sum + (i === 0 ? 0 : weight(i / points.length) * (x - points[i - 1])), 0);
  const left = steps(Float64Array.from([...smaller, low]), (share) => share) * outside(smaller.length);
  const right = steps(Float64Array.from([high, ...bigger]), (share) => 1 - share) * outside(bigger.length);
  return within + left + right;
}

/** Contingency of the whole reference and the chunk, with Yates' correction for two categories as scipy does. */
const chi2: Method = (reference) => {
  const before = valueCounts(reference);
  return (chunk) => {
    const now = valueCounts(chunk);
    const keys = [...new Set([...before.keys(), ...now.keys()])];
    const rows = [before, now].map((counts) => keys.map((key) => counts.get(key) ?? 0));
    const totals = rows.map((counts) => counts.reduce((sum, count) => sum + count, 0));
    const all = totals[0] + totals[1];
    let value = 0;
    keys.forEach((_, i) => {
      for (const side of [0, 1]) {
        const expected = ((rows[0][i] + rows[1][i]) * totals[side]) / all;
        const difference = Math.abs(rows[side][i] - expected);
        const corrected = keys.length === 2 ? difference - Math.min(0.5, difference) : difference;
        value += corrected ** 2 / expected;
      }
    });
    const degrees = keys.length - 1;
    return { value, p: degrees === 0 ? 1 : chiSquaredSurvival(value, degrees) };
  };
};

const lInfinity: Method = (reference) => {
  const before = valueCounts(reference);
  return (chunk) => {
    const now = valueCounts(chunk);
    const keys = [...new Set([...before.keys(), ...now.keys()])];
    const gap = (key: number | string) =>
      Math.abs((before.get(key) ?? 0) / reference.length - (now.get(key) ?? 0) / chunk.length);
    return { value: Math.max(...keys.map(gap)), p: null };
  };
};

const METHODS: Record<RawColumn['kind'], Record<string, Method>> = {
  numeric: { jensen_shannon: jensenShannon, kolmogorov_smirnov: kolmogorovSmirnov, wasserstein, hellinger },
  categorical: { jensen_shannon: jensenShannon, chi2, hellinger, l_infinity: lInfinity },
};

/** Rows [from, to) of ten equal chunks, and of what is left over. */
function chunksOf(rows: number): { from: number; to: number }[] {
  const size = Math.max(1, Math.floor(rows / CHUNKS));
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(rows, (i + 1) * size),
  }));
}

function judgeChunks(fitted: Fitted, values: RawValues): Omit<CompatChunk, 'alert'>[] {
  return chunksOf(values.length).map(({ from, to }) => {
    const chunk = present(values.slice(from, to));
    const found = chunk.length === 0 ? null : fitted(chunk);
    return { from, to, value: found?.value ?? null, p_value: found?.p ?? null };
  });
}

/** Mean plus three population standard deviations of the reference's own chunks; there is no lower threshold. */
function thresholdOf(chunks: readonly { value: number | null }[]): { lower: null; upper: number } {
  const values = chunks.flatMap(({ value }) => (value === null ? [] : [value]));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { lower: null, upper: mean + 3 * deviation };
}

/** The reference's own chunks with the threshold that they give. For the published tables. */
export function nannymlReference(
  kind: RawColumn['kind'],
  statistic: string,
  reference: RawValues,
): { fitted: Fitted; chunks: Omit<CompatChunk, 'alert'>[]; threshold: CompatFinding['threshold'] } {
  const fitted = METHODS[kind][statistic](present(reference));
  const chunks = judgeChunks(fitted, reference);
  const byP = chunks.some((chunk) => chunk.p_value !== null);
  return { fitted, chunks, threshold: byP ? { lower: null, upper: null } : thresholdOf(chunks) };
}

export const nannyml: CompatSystem = {
  id: 'nannyml',
  title: 'NannyML 0.13, univariate drift',
  rule: "nannyml: ten chunks in the order of the rows; Doane's bins of the reference, values outside in a bin of their own, nulls dropped; alerts above mean + 3 standard deviations of the reference's own chunks",
  source: 'NannyML 0.13.1, drift/univariate/methods.py',
  statistics: { numeric: Object.keys(METHODS.numeric), categorical: Object.keys(METHODS.categorical) },
  compare: ({ kind, reference, current }, options) => {
    const statistic = options.statistic ?? 'jensen_shannon';
    const { fitted, threshold } = nannymlReference(kind, statistic, reference);
    const beyond = ({ value, p_value }: Omit<CompatChunk, 'alert'>) =>
      p_value === null ? value !== null && value > threshold.upper! : p_value < 0.05;
    const chunks = judgeChunks(fitted, current).map((chunk) => ({ ...chunk, alert: beyond(chunk) }));
    const worst = chunks.reduce((a, b) => ((b.value ?? -1) > (a.value ?? -1) ? b : a));
    return {
      statistic,
      value: worst.value,
      p_value: worst.p_value,
      threshold,
      status: worst.value === null ? 'INSUFFICIENT' : chunks.some(({ alert }) => alert) ? 'FAIL' : 'OK',
      chunks,
    };
  },
};
