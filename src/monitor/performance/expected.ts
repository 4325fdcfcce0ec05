import { type Curve, curveAlong } from './isotonic.js';
import type { Scores } from './measure.js';
import { emptyRanking, type Ranking } from './ranking.js';

/**
 * The ranking that is expected when each row is positive with the probability that the curve gives its score: it counts
 * as that much of a positive and the rest of a negative. Ranked by the score, ties grouped.
 */
export function expectedRanking(scores: Scores, curve: Curve): Ranking {
  const rising = Float64Array.from(scores).sort();
  const probabilities = curveAlong(curve, rising);
  const ranking = emptyRanking(rising.length);
  for (let i = rising.length - 1; i >= 0; i--) {
    const last = ranking.length - 1;
    const at = last >= 0 && ranking.score[last] === rising[i] ? last : ranking.length++;
    ranking.score[at] = rising[i];
    ranking.positive[at] += probabilities[i];
    ranking.negative[at] += 1 - probabilities[i];
  }
  return ranking;
}
