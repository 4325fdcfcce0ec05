import type { DriftReport, FeatureDrift } from '../../monitor/drift/report.js';
import { heldSince, usable } from '../evidence.js';
import { type Evidence, type Finding, quiet, type Rule } from '../rule.js';
import type { PolicySettings } from '../settings.js';

/**
 * The newest check found drift, and so did enough of the checks before it. A check found drift when a feature judged
 * by PSI has a PSI above `max_psi` that is no noise (its adjusted p-value does not exceed the report's significance),
 * or a feature judged by another statistic failed. Checks with status INSUFFICIENT have no answer: the newest of them
 * keeps the rule quiet, and older ones are left out of the count.
 */
export const drift: Rule = {
  id: 'drift',
  title: 'the data drifted away from what the champion was trained on',
  kind: 'trigger',
  unit: 'PSI',
  enabled: (settings) => settings.drift.enabled,
  judge,
};

function judge(evidence: Evidence, settings: PolicySettings): Omit<Finding, 'rule'> {
  const { max_psi, checks } = settings.drift;
  const { fresh, all, reason } = usable(
    evidence.drift,
    evidence,
    settings.evidence_max_age_days,
    'drift check',
  );
  const [newest] = fresh;
  if (!newest) {
    return quiet(reason, null, max_psi);
  }
  const found = (report: DriftReport) => foundDrift(report, max_psi);
  const value = newest.report.overall_max_psi;
  if (found(newest.report) === null) {
    return quiet(`the check of ${newest.at} has too few rows for an answer`, null, max_psi);
  }
  if (!found(newest.report)) {
    const noise = (value ?? 0) > max_psi ? ', which noise explains' : '';
    const because = `the check of ${newest.at} found no drift: ${describe(newest.report)}${noise}`;
    return quiet(because, value, max_psi);
  }
  const answers = fresh.filter(({ report }) => found(report) !== null).slice(0, checks.of);
  const count = answers.filter(({ report }) => found(report)).length;
  return {
    says: count >= checks.needed ? 'firing' : 'pending',
    value,
    threshold: max_psi,
    since: heldSince(all, found),
    because: `${describe(newest.report, max_psi)}, found by ${count} of the last ${checks.of} checks (${checks.needed} needed)`,
  };
}

/** Null when the check has no answer. */
function foundDrift(report: DriftReport, maxPsi: number): boolean | null {
  if (report.state === 'insufficient_data' || report.status === 'INSUFFICIENT') {
    return null;
  }
  if (report.features.length === 0) {
    return report.status === 'FAIL' || (report.overall_max_psi ?? 0) > maxPsi;
  }
  return report.features.some((feature) => moved(feature, report, maxPsi));
}

function moved(feature: FeatureDrift, report: DriftReport, maxPsi: number): boolean {
  if (feature.status === 'INSUFFICIENT') {
    return false;
  }
  if (feature.statistic !== 'psi') {
    return feature.status === 'FAIL';
  }
  const evidence = feature.p_adjusted ?? feature.p_value ?? 0;
  return (feature.value ?? 0) > maxPsi && evidence <= report.thresholds.significance;
}

/** The largest PSI, and how many features moved when a limit is given. */
function describe(report: DriftReport, maxPsi?: number): string {
  const psi = report.overall_max_psi;
  const largest = psi === null ? 'no PSI is defined' : `the largest PSI is ${round(psi)}${ofFeature(report)}`;
  const features = maxPsi === undefined ? [] : report.features.filter((one) => moved(one, report, maxPsi));
  const names = features.map((one) => one.name);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return names.length === 0 ? largest : `${names.slice(0, 3).join(', ')}${more} drifted; ${largest}`;
}

function ofFeature(report: DriftReport): string {
  const name = Object.entries(report.psi_by_feature).find(([, psi]) => psi === report.overall_max_psi)?.[0];
  return name === undefined ? '' : ` (${name})`;
}

function round(value: number): string {
  return value.toFixed(3);
}
