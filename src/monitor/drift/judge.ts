import { ChurnError } from '../../error.js';
import type { TableProfile } from '../profile/profile.js';
import { type Adjustment, adjust } from './adjustment.js';
import { choiceFor, type JudgedBy } from './choice.js';
import { DEFAULT_SIGNIFICANCE, featureDrift, withEvidence } from './feature.js';
import { PSI_RULE } from './psi.js';
import type { DriftReport, FeatureDrift } from './report.js';
import { type StatusRule, statusOf, WORST } from './status.js';

export interface DriftReportOptions {
  rows: { reference: number; current: number };
  /** The levels of the PSI, for the report. */
  warn: number;
  fail: number;
  /** Highest adjusted p-value that counts as evidence: the false discovery rate of one check. */
  significance: number;
  adjustment?: Adjustment;
  status?: StatusRule;
}

/**
 * Joins features to a report. p-values are adjusted over the judged features (Benjamini-Hochberg by default); WARN or FAIL
 * whose adjusted p-value is above `significance` becomes OK. The worst feature decides: FAIL, WARN, INSUFFICIENT,
 * OK in this order. A feature that could not be judged may hide drift, so one is enough to withhold OK, but it
 * never hides a WARN or FAIL. Without features: INSUFFICIENT. `overall_max_psi` and `psi_by_feature` hold judged
 * features only, others are null.
 */
export function driftReport(features: readonly FeatureDrift[], options: DriftReportOptions): DriftReport {
  const { significance, adjustment = 'benjamini_hochberg', status: rule = WORST } = options;
  const judged = adjusted(features, significance, adjustment);
  const status = statusOf(judged, rule);
  const values = judged
    .filter((feature) => feature.status !== 'INSUFFICIENT')
    .flatMap(({ psi }) => (psi === null ? [] : [psi]));
  return {
    status,
    overall_max_psi: values.length === 0 ? null : Math.max(...values),
    psi_by_feature: Object.fromEntries(
      judged.map((feature) => [feature.name, feature.status === 'INSUFFICIENT' ? null : feature.psi]),
    ),
    state: status === 'INSUFFICIENT' ? 'insufficient_data' : 'ok',
    rows: options.rows,
    features: judged,
    thresholds: { warn: options.warn, fail: options.fail, significance },
    rule: PSI_RULE,
  };
}

/** The features with p-values adjusted over all that are judged; drift that they do not bear out is taken back. */
export function adjusted(
  features: readonly FeatureDrift[],
  significance: number,
  adjustment: Adjustment,
): FeatureDrift[] {
  const judged = features.filter((feature) => feature.status !== 'INSUFFICIENT' && feature.p_value !== null);
  const p = adjust(
    judged.map((feature) => feature.p_value!),
    adjustment,
  );
  const adjustedOf = new Map(judged.map((feature, i) => [feature, p[i]]));
  return features.map((feature) => {
    const p_adjusted = adjustedOf.get(feature) ?? null;
    return p_adjusted === null
      ? { ...feature, p_adjusted }
      : withEvidence({ ...feature, p_adjusted }, significance);
  });
}

export interface TableDriftOptions extends JudgedBy {
  significance?: number;
  adjustment?: Adjustment;
  status?: StatusRule;
  seed: number | string;
  /** Columns to judge; default all of the reference profile. */
  columns?: readonly string[];
  /** Whether units have several rows. Default: a window has more rows than units. Merged windows cannot tell. */
  unitAware?: boolean;
  /** Weight of each feature in the model; any unit. */
  importance?: Readonly<Record<string, number>>;
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
  const { significance = DEFAULT_SIGNIFICANCE } = options;
  return driftReport(ranked(tableFeatures(reference, current, options), options.importance), {
    rows: { reference: reference.rows, current: current.rows },
    ...options,
    significance,
  });
}

/** The features of a table, each judged by itself: p-values are not adjusted yet. */
export function tableFeatures(
  reference: TableProfile,
  current: TableProfile,
  options: TableDriftOptions,
): FeatureDrift[] {
  const units =
    reference.units === null || current.units === null
      ? undefined
      : { reference: reference.units, current: current.units };
  const several = units !== undefined && (reference.rows > units.reference || current.rows > units.current);
  const names = options.columns ?? reference.columns.map((column) => column.name);
  return names.map((name) => {
    const before = columnOf(reference, name, 'reference');
    return featureDrift(before, columnOf(current, name, 'current'), {
      ...choiceFor(options, name, before.bins.kind),
      seed: options.seed,
      significance: options.significance ?? DEFAULT_SIGNIFICANCE,
      units,
      unitAware: options.unitAware ?? several,
    });
  });
}

/** Fills in each feature's share of the importance, and how far it moved towards its fail level times that share. */
function ranked(features: FeatureDrift[], importance: TableDriftOptions['importance']): FeatureDrift[] {
  if (importance === undefined) {
    return features;
  }
  const all = Object.values(importance).reduce((sum, weight) => sum + weight, 0);
  return features.map((feature) => {
    const share = all > 0 && feature.name in importance ? importance[feature.name] / all : null;
    const reach = feature.value === null ? null : Math.abs(feature.value) / feature.levels.fail;
    return {
      ...feature,
      importance: share,
      priority: share === null || reach === null ? null : share * reach,
    };
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
