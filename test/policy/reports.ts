import type { DriftReport, FeatureDrift } from '../../src/monitor/drift/report.js';
import type { EvaluationReport } from '../../src/monitor/performance/report.js';
import type { DriftedFeature, Measured, Statement } from './scenario.js';

/** A drift report as the check would write it, from the few facts that a scenario states. */
export function driftReport({
  status,
  rows,
  features,
}: Omit<Extract<Statement, { kind: 'drift' }>, 'kind' | 'version'>): DriftReport {
  const psis = features.map(({ psi }) => psi);
  return {
    status,
    overall_max_psi: psis.length === 0 ? null : Math.max(...psis),
    psi_by_feature: Object.fromEntries(features.map(({ name, psi }) => [name, psi])),
    state: status === 'INSUFFICIENT' ? 'insufficient_data' : 'ok',
    rows: { reference: 10_000, current: rows },
    features: features.map((feature) => featureDrift(feature, rows)),
    thresholds: { warn: 0.1, fail: 0.25, significance: 0.05 },
    rule: 'scenario',
  };
}

function featureDrift({ name, psi, nulls, noise }: DriftedFeature, rows: number): FeatureDrift {
  const p = noise ? 0.5 : 0.0001;
  return {
    name,
    kind: 'numeric',
    status: noise || psi < 0.1 ? 'OK' : psi > 0.25 ? 'FAIL' : 'WARN',
    statistic: 'psi',
    short: 'PSI',
    value: psi,
    value_debiased: psi,
    error: null,
    in_units: null,
    psi,
    p_value: p,
    p_adjusted: p,
    method: 'pearson',
    interval: null,
    levels: { warn: 0.1, fail: 0.25 },
    importance: null,
    priority: null,
    beside: {},
    parts: [
      { cause: 'shape', psi: psi * (nulls === null ? 1 : 0.1) },
      { cause: 'nulls', psi: psi * (nulls === null ? 0 : 0.9) },
    ],
    cells: [],
    rows: { reference: 10_000, current: rows },
    nulls: { reference: 0, current: Math.round(rows * (nulls ?? 0)) },
    units: null,
    because: '',
  };
}

/** An evaluation from its measures; none of them means too little data. */
export function evaluationReport(
  version: string,
  measures: Measured[],
  positiveRate: number | null,
): EvaluationReport {
  const measured = (id: string) => measures.find(({ measure }) => measure === id)?.value ?? null;
  const state = measures.length === 0 ? 'insufficient_data' : 'ok';
  return {
    pr_auc: measured('pr_auc'),
    roc_auc: measured('roc_auc'),
    log_loss: measured('log_loss'),
    brier: measured('brier'),
    sample_size: 1000,
    prediction_date: null,
    evaluation_date: null,
    state,
    positives: 100,
    positive_rate: positiveRate,
    counts: { matched: 1000, immature: 0, unmatched: 0, excluded: 0 },
    intervals: Object.fromEntries(
      measures.flatMap(({ measure, interval }) => (interval ? [[measure, interval]] : [])),
    ),
    reasons: state === 'ok' ? {} : { pr_auc: 'fewer than 20 positives' },
    matures_on: null,
    version,
  };
}
