/** Log-odds = bias + sum of weight x value over the columns that are not missing. */
export interface LinearForm {
  bias: number;
  weights: Float32Array;
}
