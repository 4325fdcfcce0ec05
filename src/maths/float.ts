const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/**
 * The largest double below `x`: -5e-324 below zero, -Infinity below the smallest finite; `x` itself if NaN or
 * -Infinity.
 */
export function nextDown(x: number): number {
  if (Number.isNaN(x) || x === -Infinity) {
    return x;
  }
  if (x === 0) {
    return -Number.MIN_VALUE;
  }
  double[0] = x;
  bits[0] += x > 0 ? -1n : 1n;
  return double[0];
}
