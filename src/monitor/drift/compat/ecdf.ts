import { lowerBound, upperBound } from '../../../maths/sorted.js';

/** Distribution functions of two sorted samples at every pooled point, right-continuous, with the distance to the next point. */
function* pooledSteps(a: Float64Array, b: Float64Array): Generator<{ f: number; g: number; width: number }> {
  let [i, j] = [0, 0];
  let x = Math.min(a[0], b[0]);
  while (i < a.length || j < b.length) {
    while (i < a.length && a[i] <= x) {
      i++;
    }
    while (j < b.length && b[j] <= x) {
      j++;
    }
    const next = Math.min(i < a.length ? a[i] : Infinity, j < b.length ? b[j] : Infinity);
    yield { f: i / a.length, g: j / b.length, width: next === Infinity ? 0 : next - x };
    x = next;
  }
}

/** Kolmogorov-Smirnov's D of two sorted samples. Source: scipy.stats.ks_2samp. */
export function ecdfGap(a: Float64Array, b: Float64Array): number {
  let gap = 0;
  for (const { f, g } of pooledSteps(a, b)) {
    gap = Math.max(gap, Math.abs(f - g));
  }
  return gap;
}

/** Wasserstein-1 distance of two sorted samples. Source: scipy.stats.wasserstein_distance. */
export function wassersteinOfValues(a: Float64Array, b: Float64Array): number {
  let area = 0;
  for (const { f, g, width } of pooledSteps(a, b)) {
    area += Math.abs(f - g) * width;
  }
  return area;
}

/** Energy distance of two sorted samples. Source: scipy.stats.energy_distance. */
export function energyOfValues(a: Float64Array, b: Float64Array): number {
  let area = 0;
  for (const { f, g, width } of pooledSteps(a, b)) {
    area += (f - g) ** 2 * width;
  }
  return Math.sqrt(2 * area);
}

/** Mid-ranks (from 1) of the values of `part` within the sorted sample `all`. */
export function midranks(part: Float64Array, all: Float64Array): Float64Array {
  return part.map((value) => (lowerBound(all, value) + 1 + upperBound(all, value)) / 2);
}
