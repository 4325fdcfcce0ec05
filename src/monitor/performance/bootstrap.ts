import { random } from '../../random.js';
import { type Draws, resample, type ScoredModel } from './resample.js';

export const DEFAULT_DRAWS = 1_000;

/**
 * Bootstrap over users: each draw takes as many users as there are, with replacement. The same seed gives the same draws.
 * Source: Efron and Tibshirani 1993, ch. 8; Field and Welsh 2007.
 */
export function bootstrapUsers(
  labels: Uint8Array,
  models: readonly ScoredModel[],
  units: Int32Array,
  { seed, draws = DEFAULT_DRAWS }: { seed: number | string; draws?: number },
): Draws[] {
  const chance = random(seed);
  return resample(labels, models, units, draws, (times) => {
    for (let i = 0; i < times.length; i++) {
      times[chance.integer(times.length)]++;
    }
  });
}
