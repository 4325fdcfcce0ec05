import { chiSquaredSurvival } from '../../maths/special.js';
import { type CountTable, type Evidence, pearsonStatistic, total } from './evidence.js';
import {
  columnSums,
  FEWEST_GROUPS,
  type GroupedTable,
  pooledCells,
  replicatesOf,
  withRows,
} from './jackknife.js';

/**
 * Evidence when units (users) have several rows, in one window or in both. Pearson's X2 is compared not with
 * chi-squared but with what it does under the real covariance V of q - p, found by deleting one of the 64 unit
 * groups from both windows at a time (delete-a-group jackknife, V = (G - 1)/G sum (d_g - mean d)(d_g - mean d)').
 * With D = n V / pooled share (n = N M / (N + M)), whose eigenvalues are the generalised design effects, Rao and
 * Scott's second-order correction is
 *
 *   X2 / (mean design effect (1 + a^2)) against chi-squared with (k - 1) / (1 + a^2) degrees of freedom,
 *
 * a^2 the squared coefficient of variation of the eigenvalues. Both need only trace D and trace D^2. Cells with
 * an expected count below 5 are pooled. Users in one group stay together, so the windows may share users, in part
 * or in full.
 *
 * Undefined (null): fewer than 16 groups hold rows. Not covered: shocks that hit all users alike (a holiday).
 * Source: Rao and Scott 1981, 1984; Kott 2001 (delete-a-group).
 */
export function raoScottEvidence(grouped: GroupedTable): Evidence | null {
  const groups = withRows(pooledCells(grouped));
  if (groups.reference.length < FEWEST_GROUPS) {
    return null;
  }
  const table = { reference: columnSums(groups.reference), current: columnSums(groups.current) };
  const statistic = pearsonStatistic(table);
  const k = table.reference.length;
  if (k < 2 || statistic === 0) {
    return { p: 1, method: 'rao_scott', statistic, degrees: Math.max(k - 1, 0), designEffect: 1 };
  }
  const { trace, traceOfSquare } = designTraces(groups, table);
  const mean = trace / (k - 1);
  if (mean < 1e-9) {
    // Every group moved in exactly the same way: no spread to correct for.
    return {
      p: chiSquaredSurvival(statistic, k - 1),
      method: 'rao_scott',
      statistic,
      degrees: k - 1,
      designEffect: 1,
    };
  }
  const spread = Math.max(1, ((k - 1) * traceOfSquare) / trace ** 2);
  const degrees = (k - 1) / spread;
  return {
    p: chiSquaredSurvival(statistic / (mean * spread), degrees),
    method: 'rao_scott',
    statistic,
    degrees,
    designEffect: mean,
  };
}

/** Trace of D and of D^2 from the jackknife replicates of q - p. */
function designTraces(groups: GroupedTable, table: CountTable): { trace: number; traceOfSquare: number } {
  const n = total(table.reference);
  const m = total(table.current);
  const k = table.reference.length;
  const count = groups.reference.length;
  const scale = table.reference.map((c, i) =>
    Math.sqrt((n * m) / (n + m) / ((c + table.current[i]) / (n + m))),
  );
  const replicates = replicatesOf(groups).map((replicate) => replicate.map((value, i) => scale[i] * value));
  const means = columnSums(replicates).map((sum) => sum / count);
  let trace = 0;
  let traceOfSquare = 0;
  for (let i = 0; i < k; i++) {
    for (let j = i; j < k; j++) {
      let product = 0;
      for (const replicate of replicates) {
        product += (replicate[i] - means[i]) * (replicate[j] - means[j]);
      }
      const covariance = (product * (count - 1)) / count;
      trace += i === j ? covariance : 0;
      traceOfSquare += (i === j ? 1 : 2) * covariance ** 2;
    }
  }
  return { trace, traceOfSquare };
}
