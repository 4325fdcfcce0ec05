import type { EstimateReport } from '../jobs/estimate.js';
import type { EstimateOutcome } from '../monitor/performance/estimate-record.js';
import { count, digits, interval, type Output, percent } from './output.js';

/** An estimate for people, always with what it assumes. */
export function showEstimate(output: Output, report: EstimateReport): void {
  output.line(
    `predictions of ${report.prediction_date} by ${report.version}, estimated without outcomes, which mature on ${report.matures_on}`,
  );
  output.table(
    ['measure', 'estimate', 'band', 'expected from the held-out weeks', ''],
    Object.entries(report.measures).map(([id, { value, band, thresholds, alert, reason }]) => [
      id,
      digits(value, 4),
      interval(band, 4),
      interval(thresholds, 4),
      alert ? output.tone('warn', 'outside') : (reason ?? ''),
    ]),
    ['left', 'right'],
  );
  const { estimated, unmatched, excluded } = report.counts;
  output.line(
    `${count(estimated)} rows (${percent(report.positive_rate)} expected to churn), ${count(unmatched)} unmatched, ${count(excluded)} outside the population`,
  );
  const { from, to, rows, windows } = report.reference;
  output.line(`learnt from ${count(rows)} held-out rows of ${from} to ${to} (${windows} weeks)`);
  output.line(output.tone('dim', report.assumption));
  const track = Object.entries(report.record);
  if (track.length > 0) {
    output.line();
    output.table(
      ['earlier estimates', 'days', 'mean error', 'mean absolute error', 'in band'],
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
