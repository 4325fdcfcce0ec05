import { averagePrecision } from './average-precision.js';
import { brier } from './brier.js';
import { ece, eceEqualWidth } from './ece.js';
import { logLoss } from './log-loss.js';
import type { Measure } from './measure.js';
import { rocAuc } from './roc-auc.js';

/** All measures, in the order in which they are shown. */
export const MEASURES: readonly Measure[] = [averagePrecision, rocAuc, logLoss, brier, ece, eceEqualWidth];
