import { ChurnError } from '../../error.js';
import type { Measure, Measured, Scores } from './measure.js';

/** Weight of each class over the rows of a sample. */
export interface ClassWeights {
  positive: number;
  negative: number;
}

/** Checks a sample and weighs its classes. @throws ChurnError data.invalid */
export function checkSample(
  labels: Uint8Array,
  scores: Scores,
  weights: Float64Array | undefined,
  probabilities: boolean,
): ClassWeights {
  if (scores.length !== labels.length || (weights && weights.length !== labels.length)) {
    const came = `${scores.length} scores${weights ? ` and ${weights.length} weights` : ''}`;
    throw new ChurnError('data.invalid', { expected: `one value for each of ${labels.length} labels`, came });
  }
  const [least, most] = probabilities ? [0, 1] : [-Infinity, Infinity];
  let positive = 0;
  let negative = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    const score = scores[i];
    const weight = weights ? weights[i] : 1;
    if (label > 1 || !(score >= least && score <= most) || !(weight >= 0 && weight < Infinity)) {
      throw new ChurnError('data.invalid', {
        expected: `label 0 or 1, a score${probabilities ? ' in [0, 1]' : ''}, a finite weight >= 0`,
        came: `label ${label}, score ${score}, weight ${weight} in row ${i}`,
      });
    }
    if (label === 1) {
      positive += weight;
    } else {
      negative += weight;
    }
  }
  return { positive, negative };
}

/** Why a measure is undefined on these classes, or null. */
export function whyUndefined(needs: Measure['needs'], { positive, negative }: ClassWeights): string | null {
  if (positive + negative === 0) {
    return 'no rows';
  }
  if (needs !== 'rows' && positive === 0) {
    return 'no positive rows';
  }
  if (needs === 'both_classes' && negative === 0) {
    return 'no negative rows';
  }
  return null;
}

/** Checks, then answers null with the reason or the computed number. */
export function measured(
  facts: Pick<Measure, 'needs' | 'probabilities'>,
  sample: [labels: Uint8Array, scores: Scores, weights?: Float64Array],
  compute: (classes: ClassWeights) => number,
): Measured {
  const classes = checkSample(sample[0], sample[1], sample[2], facts.probabilities);
  const reason = whyUndefined(facts.needs, classes);
  return reason === null ? { value: compute(classes) } : { value: null, reason };
}
