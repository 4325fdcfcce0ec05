import type { EvaluationReport, Interval, MeasureId } from '../../monitor/performance/report.js';
import { heldSince, usable } from '../evidence.js';
import { type Champion, type Evidence, type Finding, quiet, type Rule } from '../rule.js';
import type { PolicySettings } from '../settings.js';

/**
 * The primary measure of matured predictions fell further below the champion's held-out record than is allowed, and
 * the fall is no noise.
 *
 * Allowed level, for a measure of which more is better: record * (1 - fall), or record - fall in absolute mode; for
 * log loss and Brier score + instead of -. Noise: the fall's own lower bound must lie above 0, where
 * bound = fall - sqrt((record - its low end)^2 + (the evaluation's high end - its value)^2)
 * from the two samples' separate intervals (Zou and Donner 2008, "MOVER"; ends swapped where less is better). Without an
 * interval of the record the evaluation's whole interval must lie below the allowed level instead. An evaluation
 * without an interval has too few outcomes to say. PR-AUC moves with the churn rate alone, so the lift over it is told.
 */
export const performance: Rule = {
  id: 'performance',
  title: 'the champion predicts worse than it did when it was trained',
  kind: 'trigger',
  unit: 'the measure',
  enabled: (settings) => settings.performance.enabled,
  judge,
};

const MORE_IS_BETTER: Record<MeasureId, boolean> = {
  pr_auc: true,
  roc_auc: true,
  log_loss: false,
  brier: false,
};

function judge(evidence: Evidence, settings: PolicySettings): Omit<Finding, 'rule'> {
  const { measure } = settings.performance;
  const maxAge = settings.evidence_max_age_days;
  const { fresh, all, reason } = usable(evidence.evaluations, evidence, maxAge, 'evaluation');
  const { champion } = evidence;
  const [newest] = fresh;
  if (!newest || !champion) {
    return quiet(reason);
  }
  const record = champion.measures[measure];
  if (record?.value == null) {
    const why = record?.reason ? `: ${record.reason}` : '';
    return quiet(`${champion.version} has no held-out ${measure} to compare with${why}`);
  }
  const held = { value: record.value, interval: record.interval };
  const level = allowedLevel(held.value, settings.performance);
  const outcome = compare(newest.report, held, level, settings.performance);
  const story = `${tell(newest.report, held.value, champion, settings.performance)}: ${outcome.because}`;
  if (!outcome.fell) {
    return quiet(`in the evaluation of ${newest.at} ${story}`, newest.report[measure], level);
  }
  const since = heldSince(all, (report) => compare(report, held, level, settings.performance).fell);
  return { says: 'firing', value: newest.report[measure], threshold: level, since, because: story };
}

function allowedLevel(record: number, { measure, fall, mode }: PolicySettings['performance']): number {
  const distance = mode === 'relative' ? Math.abs(record) * fall : fall;
  return MORE_IS_BETTER[measure] ? record - distance : record + distance;
}

interface Held {
  value: number;
  interval: Interval | null;
}

/** Whether one evaluation fell too far; null when it cannot say. */
function compare(
  report: EvaluationReport,
  held: Held,
  level: number,
  { measure, beyond_noise }: PolicySettings['performance'],
): { fell: boolean | null; because: string } {
  const value = report[measure];
  if (value === null || report.state === 'insufficient_data') {
    return { fell: null, because: report.reasons[measure] ?? 'too few matured predictions' };
  }
  const sign = MORE_IS_BETTER[measure] ? 1 : -1;
  if (sign * (level - value) <= 0) {
    return { fell: false, because: `within what is allowed (${round(level)})` };
  }
  const interval = report.intervals[measure];
  if (!beyond_noise) {
    return { fell: true, because: `worse than what is allowed (${round(level)})` };
  }
  if (!interval) {
    return { fell: null, because: 'without an interval a fall cannot be told from noise' };
  }
  return exceedsNoise(value, interval, held, level, sign)
    ? { fell: true, because: `worse than what is allowed (${round(level)}), and more than noise` }
    : { fell: false, because: `worse than what is allowed (${round(level)}), but within noise` };
}

/** @param sign 1 where more is better, -1 where less is. */
function exceedsNoise(value: number, interval: Interval, held: Held, level: number, sign: number): boolean {
  const best = sign > 0 ? interval[1] : interval[0];
  if (!held.interval) {
    return sign * (level - best) > 0;
  }
  const worstOfHeld = sign > 0 ? held.interval[0] : held.interval[1];
  const fall = sign * (held.value - value);
  return fall - Math.hypot(held.value - worstOfHeld, best - value) > 0;
}

/** "pr_auc went from 0.400 to 0.300 (25 % worse); lift over the churn rate from 5.0 (8.0 %) to 4.3 (7.0 %)". */
function tell(
  report: EvaluationReport,
  held: number,
  champion: Champion,
  { measure }: PolicySettings['performance'],
): string {
  const value = report[measure];
  if (value === null) {
    return `${measure} is undefined`;
  }
  const change = MORE_IS_BETTER[measure] ? held - value : value - held;
  const share = Math.abs((100 * change) / held);
  // Of a record near 0 a share says nothing.
  const percent = share < 1000 ? ` (${share.toFixed(0)} % ${change > 0 ? 'worse' : 'better'})` : '';
  const lift =
    measure === 'pr_auc' && champion.positive_rate && report.positive_rate
      ? `; lift over the churn rate from ${liftOf(held, champion.positive_rate)} to ${liftOf(value, report.positive_rate)}`
      : '';
  return `${measure} went from ${round(held)} to ${round(value)}${percent}${lift}`;
}

function liftOf(value: number, positiveRate: number): string {
  return `${(value / positiveRate).toFixed(1)} (${(100 * positiveRate).toFixed(1)} %)`;
}

function round(value: number): string {
  return value.toFixed(3);
}
