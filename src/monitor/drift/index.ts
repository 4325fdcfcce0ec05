import { chiSquared } from './chi-squared.js';
import { hellinger } from './hellinger.js';
import { jensenShannon } from './jensen-shannon.js';
import { kl } from './kl.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { lInfinity } from './l-infinity.js';
import { meanShift } from './mean-shift.js';
import { missingRate } from './missing-rate.js';
import { outOfRangeRate } from './out-of-range-rate.js';
import { psi } from './psi.js';
import type { Statistic } from './statistic.js';
import { totalVariation } from './total-variation.js';
import { unseenRate } from './unseen-rate.js';
import { wasserstein } from './wasserstein.js';

/** All statistics, in the order in which they are shown. */
export const STATISTICS: readonly Statistic[] = [
  psi,
  jensenShannon,
  hellinger,
  totalVariation,
  lInfinity,
  kolmogorovSmirnov,
  wasserstein,
  chiSquared,
  kl,
  meanShift,
  missingRate,
  unseenRate,
  outOfRangeRate,
];
