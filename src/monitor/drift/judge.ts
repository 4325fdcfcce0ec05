import { ChurnError } from '../../error.js';
import type { TableProfile } from '../profile/profile.js';
import { benjaminiHochberg } from './benjamini-hochberg.js';
import { choiceFor, type JudgedBy } from './choice.js';
import { DEFAULT_SIGNIFICANCE, featureDrift, withEvidence } from './feature.js';
import { PSI_RULE } from './psi.js';
import type { DriftReport, DriftStatus, FeatureDrift } from './report.js';

export interface DriftReportOptions {
  rows: { reference: number; current: number };
  /** The bands the features were judged by, for the report. */
  warn: number;
  fail: number;
  /** Highest adjusted p-value that counts as evidence: the false discovery rate of one check. */
  significance: number;
}

/**
 * Joins features to a report. p-values are adjusted by Benjamini-Hochberg over the judged features; WARN or FAIL
 * whose adjusted p-value is above `significance` becomes OK. The worst feature decides: FAIL, WARN, INSUFFICIENT,
 * OK in this order. A feature that could not be judged may hide drift, so one is enough to withhold OK, but it
 * never hides a WARN or FAIL. Without features: INSUFFICIENT. `overall_max_psi` and `psi_by_feature` hold judged
 * features only, others are null.
 */
export function driftReport(features: readonly FeatureDrift[], options: DriftReportOptions): DriftReport {
  const judged = adjusted(features, options.significance);
  const status = worstOf(judged.map((feature) => feature.status));
  const values = judged
    .filter((feature) => feature.status !== 'INSUFFICIENT')
    .flatMap(({ psi }) => (psi === null ? [] : [psi]));
  return {
    status,
    overall_max_psi: values.length === 0 ? null : Math.max(...values),
    psi_by_feature: Object.fromEntries(
      judged.map(({ name, status, psi }) => [name, status === 'INSUFFICIENT' ? null : psi]),
    ),
    state: status === 'INSUFFICIENT' ? 'insufficient_data' : 'ok',
    rows: options.rows,
    features: judged,
    thresholds: { warn: options.warn, fail: options.fail, significance: options.significance },
    rule: PSI_RULE,
  };
}

function adjusted(features: readonly FeatureDrift[], significance: number): FeatureDrift[] {
  const judged = features.filter((feature) => feature.status !== 'INSUFFICIENT' && feature.p_value !== null);
  const p = benjaminiHochberg(judged.map((feature) => feature.p_value!));
  const adjustedOf = new Map(judged.map((feature, i) => [feature, p[i]]));
  return features.map((feature) => {
    const p_adjusted = adjustedOf.get(feature) ?? null;
    return p_adjusted === null
      ? { ...feature, p_adjusted }
      : withEvidence({ ...feature, p_adjusted }, significance);
  });
}

const WORST_FIRST: readonly DriftStatus[] = ['FAIL', 'WARN', 'INSUFFICIENT', 'OK'];

/** FAIL, WARN, INSUFFICIENT, OK in this order; INSUFFICIENT without any. */
export function worstOf(statuses: readonly DriftStatus[]): DriftStatus {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 'INSUFFICIENT';
}

export interface TableDriftOptions extends JudgedBy {
  significance?: number;
  seed: number | string;
  /** Columns to judge; default all of the reference profile. */
  columns?: readonly string[];
}

/**
 * Compares two table profiles column by column and reports. Evidence is by unit group where a window has more
 * rows than distinct units, and by independent rows otherwise.
 *
 * @throws ChurnError data.column_missing when a profile lacks a column: it is never skipped
 */
export function tableDrift(
  reference: TableProfile,
  current: TableProfile,
  options: TableDriftOptions,
): DriftReport {
  const significance = options.significance ?? DEFAULT_SIGNIFICANCE;
  const units =
    reference.units === null || current.units === null
      ? undefined
      : { reference: reference.units, current: current.units };
  const unitAware = units !== undefined && (reference.rows > units.reference || current.rows > units.current);
  const names = options.columns ?? reference.columns.map((column) => column.name);
  const features = names.map((name) => {
    const before = columnOf(reference, name, 'reference');
    return featureDrift(before, columnOf(current, name, 'current'), {
      ...choiceFor(options, name, before.bins.kind),
      seed: options.seed,
      significance,
      units,
      unitAware,
    });
  });
  return driftReport(features, {
    rows: { reference: reference.rows, current: current.rows },
    warn: options.warn,
    fail: options.fail,
    significance,
  });
}

function columnOf(table: TableProfile, name: string, window: string) {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (!column) {
    throw new ChurnError('data.column_missing', {
      expected: `column ${name} in the ${window} profile`,
      came: table.columns.map((candidate) => candidate.name).join(', ') || 'no columns',
    });
  }
  return column;
}
