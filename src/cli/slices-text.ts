import type { SlicesReport } from '../jobs/evaluate-slices.js';
import type { Change } from '../monitor/performance/change.js';
import type { PeriodSlice } from '../monitor/performance/over-time.js';
import type { Segment, SegmentDifference } from '../monitor/performance/segments.js';
import type { Slice } from '../monitor/performance/slice.js';
import { bar, count, digits, interval, type Output, percent } from './output.js';

const CHART_WIDTH = 20;

/** Predictions over time as a table with a chart, then by segment, weakest first. */
export function showSlices(output: Output, report: SlicesReport): void {
  const { matched, immature, unmatched, excluded } = report.counts;
  output.line(
    `${count(matched)} judged, ${count(immature)} immature, ${count(unmatched)} unmatched, ${count(excluded)} outside the population`,
  );
  if (report.periods.length > 0) {
    showPeriods(output, report);
  }
  if (report.segments.length > 0) {
    output.line();
    showSegments(output, report.segments);
  }
}

function showPeriods(output: Output, { by, periods, record, no_record_because }: SlicesReport): void {
  const most = Math.max(...periods.map(({ measures }) => measures.pr_auc.value ?? 0), 1e-9);
  output.table(
    [by ?? '', ...HEAD, 'pr_auc', '', 'change of pr_auc', 'of roc_auc', 'of lift'],
    periods.map((period) => [
      period.name,
      ...cellsOf(period),
      interval(period.measures.pr_auc.interval),
      bar(period.measures.pr_auc.value ?? 0, most, CHART_WIDTH),
      ...changesOf(output, period),
    ]),
    ['left', 'right', 'right', 'right', 'right', 'right', 'left', 'left', 'left', 'left', 'right'],
  );
  output.line(
    output.tone(
      'dim',
      record === null
        ? `no change is told: ${no_record_because}`
        : `changes are against the held-out record of ${record.version}: pr_auc ${digits(record.measures.pr_auc.value)}, roc_auc ${digits(record.measures.roc_auc.value)}, churn rate ${percent(record.positive_rate)}`,
    ),
  );
}

const HEAD = ['rows', 'churned', 'pr_auc', 'lift', 'roc_auc'];

function cellsOf({ rows, positive_rate, measures, pr_auc_lift }: Slice): string[] {
  return [
    count(rows),
    percent(positive_rate),
    digits(measures.pr_auc.value),
    digits(pr_auc_lift, 1),
    digits(measures.roc_auc.value),
  ];
}

function changesOf(output: Output, { change, lift_change }: PeriodSlice): string[] {
  const cell = (of: Change | null | undefined) => {
    if (!of) {
      return '-';
    }
    const text = `${signed(of.difference)} (${interval(of.interval)})`;
    return of.interval !== null && of.interval[1] < 0 ? output.tone('warn', text) : text;
  };
  return [cell(change?.pr_auc), cell(change?.roc_auc), lift_change === null ? '-' : signed(lift_change, 1)];
}

function showSegments(output: Output, segments: readonly Segment[]): void {
  output.table(
    ['segment', ...HEAD, 'roc_auc less the rest', 'promised too little', ''],
    segments.map((segment) => [
      `${segment.column} = ${segment.name}`,
      ...cellsOf(segment),
      differenceOf(segment.roc_auc_difference),
      differenceOf(segment.calibration_difference),
      segment.weak ? output.tone('warn', 'weak') : '',
    ]),
    ['left', 'right', 'right', 'right', 'right', 'right'],
  );
  output.line(output.tone('dim', 'p-values are adjusted for all segments and tests (Holm)'));
}

function differenceOf(difference: SegmentDifference | null): string {
  return difference === null
    ? 'too few users'
    : `${signed(difference.difference)} (p ${difference.p_adjusted < 0.001 ? '<0.001' : difference.p_adjusted.toFixed(3)})`;
}

function signed(value: number, places = 3): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(places)}`;
}
