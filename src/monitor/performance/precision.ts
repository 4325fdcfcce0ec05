import { ratio, type ThresholdMeasure } from './confusion.js';

/** Share of the flagged rows that were positive: TP / (TP + FP). */
export const precision: ThresholdMeasure = {
  id: 'precision',
  title: 'Precision',
  range: [0, 1],
  better: 'higher',
  undefinedWhen: 'no row is flagged',
  source: 'scikit-learn precision_score',
  of: ({ truePositives, falsePositives }) =>
    ratio(truePositives, truePositives + falsePositives, 'no row is flagged'),
};
