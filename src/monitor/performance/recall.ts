import { ratio, type ThresholdMeasure } from './confusion.js';

/** Share of the positives that were flagged: TP / (TP + FN). */
export const recall: ThresholdMeasure = {
  id: 'recall',
  title: 'Recall (sensitivity)',
  range: [0, 1],
  better: 'higher',
  undefinedWhen: 'there is no positive row',
  source: 'scikit-learn recall_score',
  of: ({ truePositives, falseNegatives }) =>
    ratio(truePositives, truePositives + falseNegatives, 'no positive rows'),
};
