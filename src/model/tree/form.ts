import { linearContributions, linearMargins } from '../linear-form.js';
import type { ModelForm } from '../trainer/trainer.js';
import { type ForestExplainer, forestExplainer } from './shap.js';
import { forestMargins } from './walk.js';

/** Columns of the design matrix a model reads. */
export function widthOf(form: ModelForm): number {
  return form.kind === 'trees' ? form.forest.columns : form.linear.weights.length;
}

/** Log-odds of `rows` rows of `values` (row by row, float32, NaN for missing), before calibration. */
export function scoreMargins(form: ModelForm, values: Float32Array, rows: number): Float32Array {
  return form.kind === 'trees'
    ? forestMargins(form.forest, values, rows)
    : linearMargins(form.linear, values, rows);
}

/** Why a row has its log-odds: expected + sum of contributions = margin (before calibration). */
export interface Contributions {
  /** Log-odds of an average row. */
  expected: number;
  /** By column of the design matrix. */
  byColumn: Float64Array;
}

/**
 * Contribution of each column to the log-odds of one row: Shapley values of the trees (path-dependent, see shap.ts), or
 * weight x (value - mean). Hand in `into` to spare the allocation. The first call on a form prepares it.
 */
export function contributions(
  form: ModelForm,
  values: Float32Array,
  row: number,
  into: Float64Array = new Float64Array(widthOf(form)),
): Contributions {
  if (form.kind === 'linear') {
    linearContributions(form.linear, values, row, into);
    return { expected: form.linear.bias, byColumn: into };
  }
  const explainer = explainerOf(form);
  explainer.explain(values, row, into);
  return { expected: explainer.expected, byColumn: into };
}

const explainers = new WeakMap<object, ForestExplainer>();

function explainerOf(form: Extract<ModelForm, { kind: 'trees' }>): ForestExplainer {
  const known = explainers.get(form.forest);
  if (known !== undefined) {
    return known;
  }
  const explainer = forestExplainer(form.forest);
  explainers.set(form.forest, explainer);
  return explainer;
}
