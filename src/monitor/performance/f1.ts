import { ratio, type ThresholdMeasure } from './confusion.js';

/** Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN). */
export const f1: ThresholdMeasure = {
  id: 'f1',
  title: 'F1',
  range: [0, 1],
  better: 'higher',
  undefinedWhen: 'no row is flagged or positive',
  source: 'scikit-learn f1_score',
  of: ({ truePositives, falsePositives, falseNegatives }) =>
    ratio(
      2 * truePositives,
      2 * truePositives + falsePositives + falseNegatives,
      'no row is flagged or positive',
    ),
};
