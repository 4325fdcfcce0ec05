import { ChurnError } from '../../error.js';
import { estimatePerformance, type PerformanceEstimate } from './estimate.js';
import { type Estimator, fitEstimator } from './estimator.js';
import { DEFAULT_FLAG, type EvaluationOptions, evaluateSample, type SampleEvaluation } from './evaluate.js';
import { denseUnits, type LabelledRows } from './users.js';

/** Scored rows with what happened, in arrays of one length. */
export interface ScoredSample {
  /** 0 or 1, or false or true. */
  labels: ArrayLike<number | boolean>;
  /** Probabilities in [0, 1]. */
  scores: ArrayLike<number>;
  /** The user of each row, where users have several; default: one row each. */
  users?: ArrayLike<string | number>;
}

/**
 * All measures of scored rows with 95 % intervals: ranking, calibration, what acting on the top brings, cost. Rows of one
 * user are not independent, so name `users` where they have several. Seed 42 unless told otherwise.
 *
 * @throws ChurnError data.invalid for lengths that differ, labels other than 0 and 1, scores outside [0, 1]
 */
export function evaluate(sample: ScoredSample, options: Partial<EvaluationOptions> = {}): SampleEvaluation {
  return evaluateSample(typed(sample), { seed: 42, ...options });
}

/**
 * How good scores without outcomes probably are, learnt from a reference with outcomes (CBPE). The reference is cut into
 * `windows` parts in the order of its rows (default 10), whose spread gives the levels at which to alert. It assumes that a
 * score still means the same risk.
 *
 * @throws ChurnError data.invalid as evaluate; data.insufficient for a reference with one class
 */
export function estimate(
  reference: ScoredSample,
  scores: ArrayLike<number>,
  options: Partial<EvaluationOptions> & { windows?: number } = {},
): PerformanceEstimate & { estimator: Estimator } {
  const { windows = 10, flag = DEFAULT_FLAG, seed = 42, draws } = options;
  const rows = typed(reference);
  const size = Math.max(1, rows.labels.length / windows);
  const estimator = fitEstimator(rows, {
    seed,
    flag,
    draws,
    windows: Int32Array.from(rows.labels, (_, row) => Math.floor(row / size)),
  });
  return { ...estimatePerformance(estimator, Float64Array.from(scores)), estimator };
}

function typed({ labels, scores, users }: ScoredSample): LabelledRows & { scores: Float64Array } {
  if (users !== undefined && users.length !== labels.length) {
    throw new ChurnError('data.invalid', {
      expected: `a user for each of ${labels.length} labels`,
      came: `${users.length} users`,
    });
  }
  const wrong = Array.from(labels).findIndex((label) => Number(label) !== 0 && Number(label) !== 1);
  if (wrong >= 0) {
    throw new ChurnError('data.invalid', {
      expected: 'labels 0 or 1',
      came: `${labels[wrong]} in row ${wrong}`,
    });
  }
  const units = users === undefined ? Int32Array.from(labels, (_, row) => row) : denseUnits(users);
  return { labels: Uint8Array.from(labels, Number), scores: Float64Array.from(scores), units };
}
