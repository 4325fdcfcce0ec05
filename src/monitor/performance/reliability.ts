import type { Scores } from './measure.js';
import { type Ranking, rankingOf, totalRows } from './ranking.js';

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
 * scores share a bin. Below 20 rows there are half as many bins as rows. Bins without weight are left out. With weights
 * the tenths are still those of the rows.
 */
export function equalCountBins(labels: Uint8Array, scores: Scores, weights?: Float64Array): ReliabilityBin[] {
  const ranking = rankingOf(labels, scores, weights);
  if (!weights) {
    return binsOfRanking(ranking);
  }
  const counted = (_: number, row: number) => weights[row] > 0;
  return binned(ranking, tenths(rankingOf(labels.filter(counted), scores.filter(counted))));
}

/** The same from the counts of each score. */
export function binsOfRanking(ranking: Ranking): ReliabilityBin[] {
  return binned(ranking, tenths(ranking));
}

/** The same over [0, 0.1), [0.1, 0.2) and so on, 1 in the last. */
export function equalWidthBins(labels: Uint8Array, scores: Scores, weights?: Float64Array): ReliabilityBin[] {
  const ranking = rankingOf(labels, scores, weights);
  return byBin(ranking, (score) => Math.min(BINS - 1, Math.floor(score * BINS)));
}

/**
 * Inner edges at the quantiles of the scores, numpy's default (Hyndman and Fan type 7), lowest first; fewer where bins
 * would hold fewer than two rows.
 */
function tenths(ranking: Ranking): number[] {
  const { length, score, positive, negative } = ranking;
  const rows = totalRows(ranking);
  const bins = Math.max(1, Math.min(BINS, Math.floor(rows / 2)));
  const edges: number[] = [];
  let i = length - 1;
  let above = 0;
  for (let edge = 1; edge < bins; edge++) {
    const place = ((rows - 1) * edge) / bins;
    while (above + positive[i] + negative[i] <= Math.floor(place)) {
      above += positive[i] + negative[i];
      i--;
    }
    const isLast = above + positive[i] + negative[i] <= Math.floor(place) + 1;
    const [low, high] = [score[i], isLast && i > 0 ? score[i - 1] : score[i]];
    const share = place - Math.floor(place);
    edges.push(share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share);
  }
  return edges;
}

function binned(ranking: Ranking, edges: readonly number[]): ReliabilityBin[] {
  let bin = edges.length;
  // Scores come from the highest down, so the bin only moves down.
  return byBin(ranking, (score) => {
    while (bin > 0 && score <= edges[bin - 1]) {
      bin--;
    }
    return bin;
  });
}

function byBin(
  { length, score, positive, negative }: Ranking,
  binOf: (score: number) => number,
): ReliabilityBin[] {
  const rows = new Float64Array(BINS);
  const said = new Float64Array(BINS);
  const happened = new Float64Array(BINS);
  for (let i = 0; i < length; i++) {
    const bin = binOf(score[i]);
    rows[bin] += positive[i] + negative[i];
    said[bin] += (positive[i] + negative[i]) * score[i];
    happened[bin] += positive[i];
  }
  return Array.from(rows, (weight, bin) => ({
    rows: weight,
    score: said[bin] / weight,
    rate: happened[bin] / weight,
  })).filter((bin) => bin.rows > 0);
}
