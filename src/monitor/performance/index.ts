import { averagePrecision } from './average-precision.js';
import { brier } from './brier.js';
import { brierReliability, brierResolution } from './brier-parts.js';
import { ece, eceEqualWidth } from './ece.js';
import { logLoss } from './log-loss.js';
import type { Measure } from './measure.js';
import { rocAuc } from './roc-auc.js';

/** All measures of scores, in the order in which they are shown. */
export const MEASURES: readonly Measure[] = [
  averagePrecision,
  rocAuc,
  logLoss,
  brier,
  brierReliability,
  brierResolution,
  ece,
  eceEqualWidth,
];

export { THRESHOLD_MEASURES } from './flagged.js';
