import { ratio, type ThresholdMeasure } from './confusion.js';

/** Precision over the positive rate: how many times better than flagging at random. 1 is chance. */
export const lift: ThresholdMeasure = {
  id: 'lift',
  title: 'Lift of the flagged rows',
  range: [0, Infinity],
  better: 'higher',
  undefinedWhen: 'no row is flagged or none is positive',
  source: 'precision over the positive rate; mlxtend lift_score',
  of: ({ truePositives, falsePositives, falseNegatives, trueNegatives }) =>
    ratio(
      truePositives * (truePositives + falsePositives + falseNegatives + trueNegatives),
      (truePositives + falsePositives) * (truePositives + falseNegatives),
      'no row is flagged, or none is positive',
    ),
};
