import { sortDescending } from '../../maths/argsort.js';
import type { Scores } from './measure.js';

/** Weight of positives and negatives at each distinct score, highest score first. */
export interface Ranking {
  /** Distinct scores; the arrays may be longer. */
  length: number;
  score: Float64Array;
  positive: Float64Array;
  negative: Float64Array;
}

/** Groups rows by score: what every measure of ranking is computed from, so row order and ties cannot matter. */
export function rankingOf(labels: Uint8Array, scores: Scores, weights?: Float64Array): Ranking {
  const { values, order } = sortDescending(scores);
  const ranking = emptyRanking(order.length);
  const { score, positive, negative } = ranking;
  let at = -1;
  for (let i = 0; i < order.length; i++) {
    const row = order[i];
    if (i === 0 || values[i] !== values[i - 1]) {
      score[++at] = values[i];
    }
    const weight = weights ? weights[row] : 1;
    positive[at] += weight * labels[row];
    negative[at] += weight * (1 - labels[row]);
  }
  ranking.length = at + 1;
  return ranking;
}

/** The same from rows by rising score. O(rows). */
export function rankingOfSorted(labels: Uint8Array, rising: Float64Array): Ranking {
  const ranking = emptyRanking(labels.length);
  const { score, positive, negative } = ranking;
  let at = -1;
  for (let i = labels.length - 1; i >= 0; i--) {
    if (at < 0 || score[at] !== rising[i]) {
      score[++at] = rising[i];
    }
    positive[at] += labels[i];
    negative[at] += 1 - labels[i];
  }
  ranking.length = at + 1;
  return ranking;
}

/** Weight of either class over all scores. */
export function totalsOf({ length, positive, negative }: Ranking): { positives: number; negatives: number } {
  let positives = 0;
  let negatives = 0;
  for (let i = 0; i < length; i++) {
    positives += positive[i];
    negatives += negative[i];
  }
  return { positives, negatives };
}

/** Weight of all rows. */
export function totalRows(ranking: Ranking): number {
  const { positives, negatives } = totalsOf(ranking);
  return positives + negatives;
}

export function emptyRanking(rows: number): Ranking {
  return {
    length: 0,
    score: new Float64Array(rows),
    positive: new Float64Array(rows),
    negative: new Float64Array(rows),
  };
}
