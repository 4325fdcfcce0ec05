import { ratio, type ThresholdMeasure } from './confusion.js';

/** Share of rows of which the right thing was said: (TP + TN) / all. With few churners, flagging nobody does well. */
export const accuracy: ThresholdMeasure = {
  id: 'accuracy',
  title: 'Accuracy',
  range: [0, 1],
  better: 'higher',
  undefinedWhen: 'there are no rows',
  source: 'scikit-learn accuracy_score',
  of: ({ truePositives, falsePositives, falseNegatives, trueNegatives }) =>
    ratio(
      truePositives + trueNegatives,
      truePositives + falsePositives + falseNegatives + trueNegatives,
      'no rows',
    ),
};
