import { argsortDescending } from '../../maths/argsort.js';
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
  return weights ? weightedRanking(labels, scores, weights) : countedRanking(labels, scores);
}

/** Unweighted: sorts the scores of both classes apart (typed arrays sort natively) and merges them. */
function countedRanking(labels: Uint8Array, scores: Scores): Ranking {
  const n = labels.length;
  const up = scores instanceof Float64Array ? new Float64Array(n) : new Float32Array(n);
  const down = scores instanceof Float64Array ? new Float64Array(n) : new Float32Array(n);
  let ups = 0;
  let downs = 0;
  for (let i = 0; i < n; i++) {
    if (labels[i] === 1) {
      up[ups++] = scores[i];
    } else {
      down[downs++] = scores[i];
    }
  }
  const positives = up.subarray(0, ups).sort();
  const negatives = down.subarray(0, downs).sort();
  const ranking = emptyRanking(n);
  let p = ups - 1;
  let q = downs - 1;
  while (p >= 0 || q >= 0) {
    const score = q < 0 || (p >= 0 && positives[p] >= negatives[q]) ? positives[p] : negatives[q];
    const pBefore = p;
    const qBefore = q;
    while (p >= 0 && positives[p] === score) {
      p--;
    }
    while (q >= 0 && negatives[q] === score) {
      q--;
    }
    ranking.score[ranking.length] = score;
    ranking.positive[ranking.length] = pBefore - p;
    ranking.negative[ranking.length++] = qBefore - q;
  }
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

function weightedRanking(labels: Uint8Array, scores: Scores, weights: Float64Array): Ranking {
  const order = argsortDescending(scores);
  const ranking = emptyRanking(order.length);
  for (let i = 0; i < order.length; i++) {
    const row = order[i];
    if (i > 0 && scores[row] !== scores[order[i - 1]]) {
      ranking.length++;
    }
    const side = labels[row] === 1 ? ranking.positive : ranking.negative;
    side[ranking.length] += weights[row];
    ranking.score[ranking.length] = scores[row];
  }
  ranking.length += order.length > 0 ? 1 : 0;
  return ranking;
}

export function emptyRanking(rows: number): Ranking {
  return {
    length: 0,
    score: new Float64Array(rows),
    positive: new Float64Array(rows),
    negative: new Float64Array(rows),
  };
}
