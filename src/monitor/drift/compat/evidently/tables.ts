import { chiSquaredSurvival, logGamma, normalSurvival } from '../../../../maths/special.js';
import { random } from '../../../../random.js';
import { dealCounts } from '../../permutation.js';
import { totalVariationOfShares } from '../../total-variation.js';
import type { RawValues } from '../compat.js';
import { pairedCounts } from '../raw.js';
import type { StatTest, StatTestValue } from './stattest.js';

const CATEGORICAL = ['categorical'] as const;
const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

function pTest(name: string, threshold: number, of: StatTest['of']): StatTest {
  return { name, appliesTo: CATEGORICAL, form: 'p_value', threshold, of };
}

/** Goodness of fit to the reference, taken as the truth and scaled to the current rows. */
export const chiSquareTest = pTest('chisquare', 0.05, (reference, current) => {
  const counts = pairedCounts(reference, current);
  const scale = current.length / reference.length;
  const sum = counts.current.reduce((all, observed, i) => {
    const expected = counts.reference[i] * scale;
    return all + (expected === 0 ? Infinity : (observed - expected) ** 2 / expected);
  }, 0);
  const degrees = counts.keys.length - 1;
  return { value: degrees === 0 ? 1 : chiSquaredSurvival(sum, degrees) };
});

/** The same by log-likelihood, against the reference as it is: both windows need as many rows. */
export const gTest = pTest('g_test', 0.1, (reference, current) => {
  const counts = pairedCounts(reference, current);
  if (total(counts.reference) !== total(counts.current)) {
    return { value: null, reason: 'g_test needs as many rows in both windows' };
  }
  const sum = counts.current.reduce(
    (all, observed, i) =>
      all + (observed === 0 ? 0 : 2 * observed * Math.log(observed / counts.reference[i])),
    0,
  );
  const degrees = counts.keys.length - 1;
  return { value: degrees === 0 ? 1 : chiSquaredSurvival(sum, degrees) };
});

/** The first value against the others; nulls are among the others. */
export const zTest = pTest('z', 0.05, (reference, current) => {
  const counts = pairedCounts(reference, current);
  const others = (rows: number, first: number) => (rows - first) / rows;
  const [n, m] = [reference.length, current.length];
  const [p, q] = [others(n, counts.reference[0]), others(m, counts.current[0])];
  const pooled = (p * n + q * m) / (n + m);
  const z = (p - q) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return { value: p === q ? 1 : Math.min(1, 2 * normalSurvival(Math.abs(z))) };
});

/** Two-sided: all tables of the same margins that are no more likely than this one. */
export const fisherTest = pTest('fisher_exact', 0.1, (reference, current): StatTestValue => {
  const counts = pairedCounts(reference, current);
  if (reference.length !== current.length || counts.keys.length > 2) {
    return { value: null, reason: 'fisher_exact needs two values and as many rows in both windows' };
  }
  return { value: fisherP(counts.reference[0], reference.length, counts.current[0], current.length) };
});

function fisherP(a: number, n: number, b: number, m: number): number {
  const hits = a + b;
  const [least, most] = [Math.max(0, hits - m), Math.min(n, hits)];
  const chance = (x: number) => Math.exp(logChoose(n, x) + logChoose(m, hits - x) - logChoose(n + m, hits));
  const observed = chance(a) * (1 + 1e-7);
  let sum = 0;
  for (let x = least; x <= most; x++) {
    const p = chance(x);
    sum += p <= observed ? p : 0;
  }
  return Math.min(1, sum);
}

const logChoose = (n: number, k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

const DRAWS = 1000;

/** The distance that the permutation of TVD is about. */
export function totalVariationOfValues(reference: RawValues, current: RawValues): number {
  const counts = pairedCounts(reference, current);
  const share = (list: readonly number[]) => list.map((count) => count / total(list));
  return totalVariationOfShares(share(counts.reference), share(counts.current));
}

/** A permutation of 1,000 draws: Evidently's own stream of chance cannot be repeated, so the last digits differ. */
export const totalVariationTest = pTest('TVD', 0.1, (reference, current) => {
  const observed = totalVariationOfValues(reference, current);
  const counts = pairedCounts(reference, current);
  const columns = counts.reference.map((count, i) => count + counts.current[i]);
  const [n, m] = [total(counts.reference), total(counts.current)];
  const chance = random('TVD');
  let hits = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const now = dealCounts(columns, m, chance);
    const distance = totalVariationOfShares(
      columns.map((count, i) => (count - now[i]) / n),
      now.map((count) => count / m),
    );
    hits += distance >= observed - 1e-12 ? 1 : 0;
  }
  return { value: hits / DRAWS };
});
