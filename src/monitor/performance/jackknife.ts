import { type Draws, resample, type ScoredModel } from './resample.js';
import { usersOf } from './users.js';

/** Leaves out one user at a time, with all rows: as many samples as users. Source: Efron and Tibshirani 1993, ch. 11. */
export function jackknifeUsers(
  labels: Uint8Array,
  model: ScoredModel,
  units: Int32Array,
  binned: boolean,
): Draws {
  const leaveOne = (times: Int32Array, left: number) => {
    times.fill(1);
    times[left] = 0;
  };
  return resample(labels, [model], units, usersOf(units), leaveOne, binned)[0];
}
