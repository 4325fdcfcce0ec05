import type { Measure } from './measure.js';
import { measured } from './sample.js';

/** Scores are clipped to [EPSILON, 1 - EPSILON], so that one wrong certainty costs 36 and not infinity. */
export const EPSILON = 2.220446049250313e-16;

/** -ln of the probability given to what happened, in nats. */
export function logLossOf(label: number, score: number): number {
  const clipped = Math.min(Math.max(score, EPSILON), 1 - EPSILON);
  return -Math.log(label === 1 ? clipped : 1 - clipped);
}

/** Weighted mean of a loss over the rows. */
export function meanLoss(
  loss: (label: number, score: number) => number,
  labels: Uint8Array,
  scores: ArrayLike<number>,
  weights?: Float64Array,
): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights ? weights[i] : 1;
    sum += weight === 0 ? 0 : weight * loss(labels[i], scores[i]);
    total += weight;
  }
  return sum / total;
}

/** Mean of -(y ln s + (1 - y) ln(1 - s)), natural logarithm. 0 is perfect; ln 2 = 0.693 is a coin. */
export const logLoss: Measure = {
  id: 'log_loss',
  title: 'Log loss',
  range: [0, -Math.log(EPSILON)],
  better: 'lower',
  needs: 'rows',
  probabilities: true,
  undefinedWhen: 'there are no rows',
  source: 'scikit-learn log_loss (clips at the epsilon of float64)',
  of: (labels, scores, weights) =>
    measured(logLoss, [labels, scores, weights], () => meanLoss(logLossOf, labels, scores, weights)),
};
