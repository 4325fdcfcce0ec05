import { ratio, type ThresholdMeasure } from './confusion.js';

/** Share of the negatives that were left alone: TN / (TN + FP). */
export const specificity: ThresholdMeasure = {
  id: 'specificity',
  title: 'Specificity',
  range: [0, 1],
  better: 'higher',
  undefinedWhen: 'there is no negative row',
  source: 'scikit-learn recall_score(pos_label=0)',
  of: ({ falsePositives, trueNegatives }) =>
    ratio(trueNegatives, trueNegatives + falsePositives, 'no negative rows'),
};
