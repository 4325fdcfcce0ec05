import { psi } from './psi.js';
import type { Statistic } from './statistic.js';

/** All statistics, in the order in which they are shown. */
export const STATISTICS: readonly Statistic[] = [psi];
