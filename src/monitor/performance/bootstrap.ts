import { random } from '../../random.js';
import { type Draws, resample, type ScoredModel } from './resample.js';

export const DEFAULT_DRAWS = 1_000;

/**
 * Bootstrap over users: each draw takes as many users as there are, with replacement. The same seed gives the same draws.
 * `binned` as in resample.
 * Source: Efron and Tibshirani 1993, ch. 8; Field and Welsh 2007.
 */
export function bootstrapUsers(
  labels: Uint8Array,
  models: readonly ScoredModel[],
  units: Int32Array,
  { seed, draws = DEFAULT_DRAWS, binned }: { seed: number | string; draws?: number; binned?: boolean },
): Draws[] {
  const chance = random(seed);
  const sampleUsers = (times: Int32Array) => {
    for (let i = 0; i < times.length; i++) {
      times[chance.integer(times.length)]++;
    }
  };
  return resample(labels, models, units, draws, sampleUsers, binned);
}
