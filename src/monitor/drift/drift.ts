import type { TableProfile } from '../profile/profile.js';
import { DEFAULT_SIGNIFICANCE } from './feature.js';
import { type TableDriftOptions, tableDrift } from './judge.js';
import { psi } from './psi.js';
import type { DriftReport } from './report.js';

/** What is taken where nothing is said; the configuration's defaults are the same. */
export const DRIFT_DEFAULTS = { ...psi.bands, significance: DEFAULT_SIGNIFICANCE, seed: 42 };

/**
 * Compares the profile of a current window with that of the reference, whose bins it has to be counted over:
 * `drift(reference, profile(columns, { reference }))`. PSI judges by default, with levels 0.1 and 0.25 and a false discovery
 * rate of 5 %.
 *
 * @throws ChurnError data.column_missing, model.mismatch for other bins, usage.invalid and config.invalid for options
 */
export function drift(
  reference: TableProfile,
  current: TableProfile,
  options: Partial<TableDriftOptions> = {},
): DriftReport {
  return tableDrift(reference, current, { ...DRIFT_DEFAULTS, ...options });
}
