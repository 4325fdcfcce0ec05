import { chiSquaredSurvival } from '../../maths/special.js';
import { random } from '../../random.js';
import { type CountTable, type Evidence, pearsonStatistic, smallestExpected } from './evidence.js';
import { pooledCells } from './jackknife.js';
import { permutationP } from './permutation.js';

/** Below this expected count chi-squared is no good approximation. */
const FEWEST_EXPECTED = 5;

/** Below this a permutation, whose smallest answer it is, would draw all its tables to say no more. */
const CERTAIN = 1e-4;

/** Chi-squared with the small cells pooled, so that it holds. */
function pooledP({ reference, current }: CountTable): number {
  const pooled = pooledCells({ reference: [reference], current: [current] });
  const table = { reference: pooled.reference[0], current: pooled.current[0] };
  return table.reference.length < 2
    ? 1
    : chiSquaredSurvival(pearsonStatistic(table), table.reference.length - 1);
}

/**
 * Evidence for independent rows (one per user): two-sample Pearson chi-squared with k - 1 degrees of freedom on the
 * unsmoothed counts. When an expected count is below 5, its p-value comes from a seeded permutation instead, unless the
 * table with those cells pooled leaves no doubt.
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
    const rough = pooledP(table);
    return rough < CERTAIN
      ? { ...facts, p: rough, method: 'pearson' }
      : { ...facts, p: permutationP(table, random(seed)), method: 'permutation' };
  }
  return { ...facts, p: chiSquaredSurvival(statistic, degrees), method: 'pearson' };
}
