import { type Curve, curveAlong } from './isotonic.js';
import type { Ranking } from './ranking.js';

/**
 * The ranking that is expected when each row is positive with the probability that the curve gives its score: it counts
 * as that much of a positive and the rest of a negative. What the rows are in `ranking` does not matter.
 */
export function expectedRanking({ length, score, positive, negative }: Ranking, curve: Curve): Ranking {
  const probabilities = curveAlong(curve, score.slice(0, length).reverse()).reverse();
  const expected = { length, score, positive: new Float64Array(length), negative: new Float64Array(length) };
  for (let i = 0; i < length; i++) {
    const rows = positive[i] + negative[i];
    expected.positive[i] = rows * probabilities[i];
    expected.negative[i] = rows * (1 - probabilities[i]);
  }
  return expected;
}
