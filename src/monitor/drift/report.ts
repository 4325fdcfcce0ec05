import type { CompatChunk } from './compat/compat.js';

/** `INSUFFICIENT`: too few rows, or no usable reference. It is never mixed up with OK. */
export type DriftStatus = 'OK' | 'WARN' | 'FAIL' | 'INSUFFICIENT';

/** A share of a feature's PSI and what causes it. */
export interface PsiPart {
  cause: 'nulls' | 'unseen' | 'out_of_range' | 'shape';
  psi: number;
}

/** One coarse cell: share in the reference and now (smoothed), and what it adds to the PSI. */
export interface PsiCell {
  label: string;
  reference: number;
  current: number;
  psi: number;
}

export interface FeatureDrift {
  name: string;
  kind: 'numeric' | 'categorical';
  status: DriftStatus;
  /** Id of the statistic that judged, and its name in sentences. */
  statistic: string;
  short: string;
  /** The effect; null when undefined, with the reason. */
  value: number | null;
  /** PSI only: the value less what noise alone would give (never below 0). */
  value_debiased: number | null;
  /** The value of the raw rows lies within this of `value`; null when the counts give it exactly. */
  error: number | null;
  /** The effect in units of the column, where it has such. */
  in_units: number | null;
  /** The PSI, whatever judged. */
  psi: number | null;
  /** The evidence. */
  p_value: number | null;
  p_adjusted: number | null;
  /** How the evidence was found: pearson, permutation, rao_scott, kolmogorov_smirnov, welch, two_proportions, jackknife, exceedance. */
  method: string | null;
  /** 95 % interval of the effect, of the rates. */
  interval: [number, number] | null;
  /** What the absolute value was judged by. */
  levels: { warn: number; fail: number };
  /** The feature's part of the model's contributions, 0..1, and that times the effect in fail levels; null without a model. */
  importance: number | null;
  priority: number | null;
  /** Other statistics of the same windows, by id. */
  beside: Record<string, number | null>;
  parts: PsiPart[];
  cells: PsiCell[];
  rows: { reference: number; current: number };
  nulls: { reference: number; current: number };
  units: { reference: number; current: number } | null;
  /** One sentence for people: what moved, or why there is no answer. */
  because: string;
  /** Parts of the current window, where a compatibility mode judges them one by one. */
  chunks?: CompatChunk[];
}

/** `data_drift_latest.json`: the first three fields are the contract's. */
export interface DriftReport {
  status: DriftStatus;
  overall_max_psi: number | null;
  psi_by_feature: Record<string, number | null>;
  state: 'ok' | 'insufficient_data';
  rows: { reference: number; current: number };
  features: FeatureDrift[];
  /** Levels of the PSI, and the false discovery rate of the check. */
  thresholds: { warn: number; fail: number; significance: number };
  /** Bins and zero rule: PSI has no meaning without them. */
  rule: string;
}
