import type { DriftStatus, FeatureDrift } from './report.js';

/** How the status of a check follows from its features. */
export interface StatusRule {
  /** worst: the worst feature decides; share: the share of judged features in drift. */
  by: 'worst' | 'share';
  /** Of `share`: from `warn` on WARN, above `fail` FAIL. */
  warn: number;
  fail: number;
}

export const WORST: StatusRule = { by: 'worst', warn: 0, fail: 0 };

const WORST_FIRST: readonly DriftStatus[] = ['FAIL', 'WARN', 'INSUFFICIENT', 'OK'];

/** FAIL, WARN, INSUFFICIENT, OK in this order; INSUFFICIENT without any. */
export function worstOf(statuses: readonly DriftStatus[]): DriftStatus {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 'INSUFFICIENT';
}

/**
 * The status of a check. By share, features that could not be judged count neither way, but a check of which fewer than half
 * could be judged is INSUFFICIENT.
 */
export function statusOf(features: readonly Pick<FeatureDrift, 'status'>[], rule: StatusRule): DriftStatus {
  if (rule.by === 'worst') {
    return worstOf(features.map(({ status }) => status));
  }
  const judged = features.filter(({ status }) => status !== 'INSUFFICIENT');
  if (judged.length === 0 || judged.length < features.length / 2) {
    return 'INSUFFICIENT';
  }
  const share = judged.filter(({ status }) => status !== 'OK').length / judged.length;
  return share > rule.fail ? 'FAIL' : share >= rule.warn ? 'WARN' : 'OK';
}
