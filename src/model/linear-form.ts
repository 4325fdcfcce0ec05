/**
 * Log-odds = bias + sum of weight x (value - centre) over the columns that are not missing: a missing value counts as
 * the column's centre (its mean over the fitted rows). Evaluated in float64. A column without influence has weight 0.
 */
export interface LinearForm {
  bias: number;
  weights: Float64Array;
  centres: Float64Array;
}

/** Log-odds of `rows` rows of `values` (row by row, as wide as there are weights, NaN for missing). */
export function linearMargins(form: LinearForm, values: Float32Array, rows: number): Float32Array {
  const { bias, weights, centres } = form;
  const margins = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const offset = row * weights.length;
    let margin = bias;
    for (let column = 0; column < weights.length; column++) {
      const value = values[offset + column];
      margin += Number.isNaN(value) ? 0 : weights[column] * (value - centres[column]);
    }
    margins[row] = margin;
  }
  return margins;
}

/** Writes each column's part of one row's log-odds, weight x (value - centre), into `into`; their sum and the bias give it. */
export function linearContributions(
  form: LinearForm,
  values: Float32Array,
  row: number,
  into: Float64Array,
): void {
  const { weights, centres } = form;
  const offset = row * weights.length;
  for (let column = 0; column < weights.length; column++) {
    const value = values[offset + column];
    into[column] = Number.isNaN(value) ? 0 : weights[column] * (value - centres[column]);
  }
}
