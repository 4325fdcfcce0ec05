import { meanLoss } from './log-loss.js';
import type { Measure } from './measure.js';
import { measured } from './sample.js';

/** Squared error of a probability. */
export const squaredError = (label: number, score: number): number => (score - label) ** 2;

/** Mean squared error of the probability: 0 is perfect, 0.25 a coin. */
export const brier: Measure = {
  id: 'brier',
  title: 'Brier score',
  range: [0, 1],
  better: 'lower',
  needs: 'rows',
  probabilities: true,
  undefinedWhen: 'there are no rows',
  source: 'Brier 1950; scikit-learn brier_score_loss',
  of: (labels, scores, weights) =>
    measured(brier, [labels, scores, weights], () => meanLoss(squaredError, labels, scores, weights)),
};
