import { finiteSorted, lowerBound, quantileSorted } from '../../maths/sorted.js';
import type { Scores } from './measure.js';

/** Bins of every table of reliability. */
export const BINS = 10;

/** Rows whose scores lie close together: what was said of them, and what happened. */
export interface ReliabilityBin {
  /** Rows, or their weight. */
  rows: number;
  /** Mean score. */
  score: number;
  /** Share of positives. */
  rate: number;
}

/**
 * The reliability table over about equally filled bins: cut at the tenths of the scores, (low, high], so that equal
 * scores share a bin. Below 20 rows there are half as many bins as rows. Bins without weight are left out.
 */
export function equalCountBins(labels: Uint8Array, scores: Scores, weights?: Float64Array): ReliabilityBin[] {
  const edges = countEdges(scores, weights);
  return binned((score) => lowerBound(edges, score), labels, scores, weights);
}

/** The same over [0, 0.1), [0.1, 0.2) and so on, 1 in the last. */
export function equalWidthBins(labels: Uint8Array, scores: Scores, weights?: Float64Array): ReliabilityBin[] {
  return binned((score) => Math.min(BINS - 1, Math.floor(score * BINS)), labels, scores, weights);
}

/** Inner edges at quantiles of the scores of positive weight; fewer bins where they would hold fewer than two rows. */
function countEdges(scores: Scores, weights?: Float64Array): number[] {
  const sorted = finiteSorted(Float64Array.from(weights ? scores.filter((_, i) => weights[i] > 0) : scores));
  const bins = Math.max(1, Math.min(BINS, Math.floor(sorted.length / 2)));
  return Array.from({ length: bins - 1 }, (_, i) => quantileSorted(sorted, (i + 1) / bins));
}

function binned(
  binOf: (score: number) => number,
  labels: Uint8Array,
  scores: Scores,
  weights?: Float64Array,
): ReliabilityBin[] {
  const rows = new Float64Array(BINS);
  const said = new Float64Array(BINS);
  const happened = new Float64Array(BINS);
  for (let i = 0; i < labels.length; i++) {
    const weight = weights ? weights[i] : 1;
    const bin = binOf(scores[i]);
    rows[bin] += weight;
    said[bin] += weight * scores[i];
    happened[bin] += weight * labels[i];
  }
  return Array.from(rows, (weight, bin) => ({
    rows: weight,
    score: said[bin] / weight,
    rate: happened[bin] / weight,
  })).filter((bin) => bin.rows > 0);
}
