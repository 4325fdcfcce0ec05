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
    const side = labels[row] === 1 ? positive : negative;
    side[at] += weights ? weights[row] : 1;
  }
  ranking.length = at + 1;
  return ranking;
}

/** The same from rows by rising score. O(rows). */
export function rankingOfSorted(labels: Uint8Array, rising: Float64Array): Ranking {
  const ranking = emptyRanking(labels.length);
  for (let i = labels.length - 1; i >= 0; i--) {
    const last = ranking.length - 1;
    const at = last >= 0 && ranking.score[last] === rising[i] ? last : ranking.length++;
    ranking.score[at] = rising[i];
    const side = labels[i] === 1 ? ranking.positive : ranking.negative;
    side[at]++;
  }
  return ranking;
}

/** Weight of either class over all scores. */
export function totalsOf({ length, positive, negative }: Ranking): { positives: number; negatives: number } {
  let [positives, negatives] = [0, 0];
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
