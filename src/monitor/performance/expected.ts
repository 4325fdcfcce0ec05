import { argsortDescending } from '../../maths/argsort.js';
import type { Scores } from './measure.js';
import { emptyRanking, type Ranking } from './ranking.js';

/**
 * The ranking that is expected when each row is positive with a probability of its own: it counts as that much of a
 * positive and the rest of a negative. Ranked by the score, which the probability need not follow.
 */
export function expectedRanking(scores: Scores, probabilities: Float64Array): Ranking {
  const order = argsortDescending(scores);
  const ranking = emptyRanking(order.length);
  for (let i = 0; i < order.length; i++) {
    const row = order[i];
    if (i > 0 && scores[row] !== scores[order[i - 1]]) {
      ranking.length++;
    }
    ranking.score[ranking.length] = scores[row];
    ranking.positive[ranking.length] += probabilities[row];
    ranking.negative[ranking.length] += 1 - probabilities[row];
  }
  ranking.length += order.length > 0 ? 1 : 0;
  return ranking;
}
