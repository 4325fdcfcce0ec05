import { chiSquaredSurvival } from '../../maths/special.js';
import { random } from '../../random.js';
import { type CountTable, type Evidence, pearsonStatistic, smallestExpected } from './evidence.js';
import { permutationP } from './permutation.js';

/** Below this expected count chi-squared is no good approximation. */
const FEWEST_EXPECTED = 5;

/**
 * Evidence for independent rows (one per user): two-sample Pearson chi-squared with k - 1 degrees of freedom on the
 * unsmoothed counts. When an expected count is below 5, its p-value comes from a seeded permutation instead.
 * The cells must not be empty on both sides; one cell alone cannot differ (p = 1).
 *
 * Source: Pearson 1900; scipy.stats.chi2_contingency(correction=False).
 */
export function pearsonEvidence(table: CountTable, seed: number | string): Evidence {
  const statistic = pearsonStatistic(table);
  const degrees = table.reference.length - 1;
  const facts = { statistic, degrees, designEffect: 1 };
  if (degrees < 1) {
    return { ...facts, p: 1, method: 'pearson' };
  }
  if (smallestExpected(table) < FEWEST_EXPECTED) {
    return { ...facts, p: permutationP(table, random(seed)), method: 'permutation' };
  }
  return { ...facts, p: chiSquaredSurvival(statistic, degrees), method: 'pearson' };
}
