import type { EstimateReport } from '../jobs/estimate.js';
import type { TablesEstimate } from '../jobs/estimate-tables.js';
import type { PerformanceEstimate } from '../monitor/performance/estimate.js';
import type { EstimateOutcome, EstimateTrack } from '../monitor/performance/estimate-record.js';
import { count, digits, interval, type Output, percent } from './output.js';

/** An estimate for people, always with what it assumes. */
export function showEstimate(output: Output, report: EstimateReport): void {
  output.line(
    `predictions of ${report.prediction_date} by ${report.version}, estimated without outcomes, which mature on ${report.matures_on}`,
  );
  showMeasures(output, report, 'expected from the held-out weeks');
  const { estimated, unmatched, excluded } = report.counts;
  output.line(
    `${count(estimated)} rows (${percent(report.positive_rate)} expected to churn), ${count(unmatched)} unmatched, ${count(excluded)} outside the population`,
  );
  const { from, to, rows, windows } = report.reference;
  output.line(`learnt from ${count(rows)} held-out rows of ${from} to ${to} (${windows} weeks)`);
  output.line(output.tone('dim', report.assumption));
  showTrack(output, report.record, 'earlier estimates');
}

/** Estimates of tables: every measure of a single period, ROC AUC and average precision of several. */
export function showTablesEstimate(output: Output, report: TablesEstimate): void {
  const { periods, reference, record } = report;
  if (periods.length === 1) {
    showMeasures(output, periods[0], 'expected from the reference');
  } else {
    output.table(
      ['', 'rows', 'roc_auc', 'band', 'came', 'pr_auc', 'band', 'came', ''],
      periods.map(({ name, rows, measures, realised, alert }) => [
        name,
        count(rows),
        ...['roc_auc', 'pr_auc'].flatMap((id) => [
          digits(measures[id].value, 4),
          interval(measures[id].band, 4),
          digits(realised?.[id]?.realised, 4),
        ]),
        alert ? output.tone('warn', `outside: ${outsideOf(measures)}`) : '',
      ]),
      ['left', 'right', 'right', 'left', 'right', 'right', 'left', 'right'],
    );
  }
  output.line(`learnt from ${count(reference.rows)} rows in ${reference.windows} windows`);
  output.line(output.tone('dim', report.assumption));
  showTrack(output, record, 'against what came');
}

/** The measures that lie outside the levels of the reference. */
function outsideOf(measures: PerformanceEstimate['measures']): string {
  return Object.entries(measures)
    .flatMap(([id, { alert }]) => (alert ? [id] : []))
    .join(', ');
}

function showMeasures(
  output: Output,
  { measures }: Pick<PerformanceEstimate, 'measures'>,
  expected: string,
): void {
  output.table(
    ['measure', 'estimate', 'band', expected, ''],
    Object.entries(measures).map(([id, { value, band, thresholds, alert, reason }]) => [
      id,
      digits(value, 4),
      interval(band, 4),
      interval(thresholds, 4),
      alert ? output.tone('warn', 'outside') : (reason ?? ''),
    ]),
    ['left', 'right'],
  );
}

function showTrack(output: Output, record: Record<string, EstimateTrack>, title: string): void {
  const track = Object.entries(record);
  if (track.length > 0) {
    output.line();
    output.table(
      [title, 'times', 'mean error', 'mean absolute error', 'in band'],
      track.map(([id, { estimates, mean_error, mean_absolute_error, in_band }]) => [
        id,
        String(estimates),
        digits(mean_error, 4),
        digits(mean_absolute_error, 4),
        percent(in_band, 0),
      ]),
      ['left', 'right', 'right', 'right', 'right'],
    );
  }
}

/** What had been estimated, beside what came. */
export function showEstimated(output: Output, estimated: Record<string, EstimateOutcome>): void {
  output.line();
  output.table(
    ['had been estimated', 'estimate', 'came', 'error', ''],
    Object.entries(estimated).map(([id, outcome]) => [
      id,
      digits(outcome.estimated, 4),
      digits(outcome.realised, 4),
      digits(outcome.error, 4),
      outcome.in_band === false ? output.tone('warn', 'outside its band') : '',
    ]),
    ['left', 'right', 'right', 'right'],
  );
}
