import { lowerBound, upperBound } from '../../../maths/sorted.js';

/** np.linspace(first, last, bins + 1), widened by 1/2 each way where all values are one, as np.histogram does. */
export function equalEdges(first: number, last: number, bins: number): number[] {
  const [low, high] = first === last ? [first - 0.5, last + 0.5] : [first, last];
  const step = (high - low) / bins;
  return Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : i * step + low));
}

/** np.histogram(values, edges)[0] of sorted values: bins [a, b), the last one closed. */
export function histogram(sorted: Float64Array, edges: readonly number[]): number[] {
  const places = edges.map((edge, i) =>
    i === edges.length - 1 ? upperBound(sorted, edge) : lowerBound(sorted, edge),
  );
  return places.slice(1).map((to, i) => to - places[i]);
}

/** Edges of np.histogram_bin_edges(values, 'sturges') of sorted values. */
export function sturgesEdges(sorted: Float64Array): number[] {
  return byWidth(sorted, (range) => range / (Math.log2(sorted.length) + 1));
}

/** Edges of np.histogram_bin_edges(values, 'doane') of sorted values. */
export function doaneEdges(sorted: Float64Array): number[] {
  const n = sorted.length;
  return byWidth(sorted, (range) => {
    const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
    const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
    if (n <= 2 || deviation === 0) {
      return 0;
    }
    const skew = sorted.reduce((sum, value) => sum + ((value - mean) / deviation) ** 3, 0) / n;
    const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
    return range / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skew) / error));
  });
}

function byWidth(sorted: Float64Array, widthOf: (range: number) => number): number[] {
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  const width = widthOf(last - first);
  return equalEdges(first, last, width > 0 ? Math.ceil((last - first) / width) : 1);
}
