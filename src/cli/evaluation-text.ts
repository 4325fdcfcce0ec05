import type { ProjectEvaluationReport } from '../jobs/evaluate.js';
import { THRESHOLD_MEASURES } from '../monitor/performance/index.js';
import type { DetailedEvaluationReport } from '../monitor/performance/report.js';
import { showEstimated } from './estimate-text.js';
import { count, digits, interval, type Output, percent } from './output.js';

/** An evaluation for people. */
export function showEvaluation(
  output: Output,
  report: DetailedEvaluationReport & Partial<Pick<ProjectEvaluationReport, 'served' | 'estimated'>>,
): void {
  if (report.prediction_date !== null) {
    output.line(
      `predictions of ${report.prediction_date}${report.version ? ` by ${report.version}` : ''}, outcomes until ${report.evaluation_date}`,
    );
  }
  output.table(
    ['measure', 'value', '95 % interval', ''],
    (['pr_auc', 'roc_auc', 'log_loss', 'brier'] as const).map((id) => [
      id,
      digits(report[id], 4),
      interval(report.intervals[id], 4),
      report.reasons[id] ?? '',
    ]),
    ['left', 'right'],
  );
  showCounts(output, report);
  if (report.sample_size > 0) {
    showCalibration(output, report);
    showFlagged(output, report.flagged);
    showGains(output, report.gains);
  }
  showTreatment(output, report.treatment);
  for (const warning of report.warnings) {
    output.line(output.tone('warn', warning));
  }
  if (report.estimated) {
    showEstimated(output, report.estimated);
  }
  if (report.matures_on !== null) {
    output.line(output.tone('warn', `not known yet: these predictions mature on ${report.matures_on}`));
    showProvisional(output, report);
  }
}

function showProvisional(output: Output, { maturity, provisional }: DetailedEvaluationReport): void {
  const newest = maturity?.at(-1);
  if (newest) {
    output.line(`${percent(newest.known)} of the outcomes are known after ${newest.day} days`);
  }
  if (provisional) {
    const { pr_auc, roc_auc, log_loss, brier, sample_size, because } = provisional;
    output.line(
      `provisional: pr_auc ${digits(pr_auc)}, roc_auc ${digits(roc_auc)}, log_loss ${digits(log_loss)}, brier ${digits(brier)} on ${count(sample_size)}; ${because}`,
    );
  }
}

function showTreatment(output: Output, treatment: DetailedEvaluationReport['treatment']): void {
  if (treatment === null) {
    return;
  }
  const parts = [
    ['treated', treatment.treated],
    ['not treated', treatment.untreated],
    ['random hold-out', treatment.hold_out],
    ['all but the hold-out', treatment.rest],
  ] as const;
  output.line();
  output.table(
    ['', 'rows', 'churned', 'pr_auc', 'roc_auc', '95 % interval'],
    parts.flatMap(([name, part]) =>
      part === null
        ? []
        : [
            [
              name,
              count(part.rows),
              percent(part.positive_rate),
              digits(part.measures.pr_auc.value),
              digits(part.measures.roc_auc.value),
              interval(part.measures.roc_auc.interval),
            ],
          ],
    ),
    ['left', 'right', 'right', 'right', 'right'],
  );
  if (treatment.warning !== null) {
    output.line(output.tone('warn', treatment.warning));
  }
}

function showCounts(
  output: Output,
  report: DetailedEvaluationReport & Partial<Pick<ProjectEvaluationReport, 'served'>>,
): void {
  const { matched, immature, unmatched, excluded } = report.counts;
  output.line(
    `${count(matched)} judged (${count(report.positives)} churned, ${digits(report.positive_rate)}), ${count(immature)} immature, ${count(unmatched)} unmatched, ${count(excluded)} outside the population`,
  );
  if (report.served) {
    const { logged, without_user, superseded } = report.served;
    output.line(
      `${count(logged)} logged, ${count(without_user)} without a user id, ${count(superseded)} superseded by a later one of the same user`,
    );
  }
}

function showCalibration(output: Output, { calibration, ece, pr_auc_lift }: DetailedEvaluationReport): void {
  const { expected, observed, slope, intercept } = calibration;
  output.line(
    `pr_auc is ${digits(pr_auc_lift, 1)} times the churn rate; calibration: ${count(Math.round(expected))} expected and ${count(observed)} observed, slope ${digits(slope, 2)}, intercept ${digits(intercept, 2)}, error ${digits(ece)}`,
  );
}

function showFlagged(output: Output, flagged: DetailedEvaluationReport['flagged']): void {
  const rule = 'top' in flagged.rule ? `the top ${percent(flagged.rule.top, 0)}` : 'the configured threshold';
  output.line();
  output.line(
    `${count(flagged.rows)} flagged by ${rule}: a score of ${digits(flagged.threshold, 4)} or more`,
  );
  output.table(
    ['measure', 'value', '95 % interval', ''],
    THRESHOLD_MEASURES.map(({ id }) => {
      const { value, interval: range, reason } = flagged.measures[id];
      return [id, digits(value, 4), interval(range, 4), reason ?? ''];
    }),
    ['left', 'right'],
  );
  if (flagged.costs) {
    const { per_row, per_row_interval, profit, best, calibrated_threshold } = flagged.costs;
    output.line(
      `cost ${digits(per_row)} a row (${interval(per_row_interval)}), profit against flagging nobody ${digits(profit, 0)}; ` +
        `the best threshold in hindsight ${best.threshold === null ? 'flags nobody' : `is ${digits(best.threshold, 4)} with profit ${digits(best.profit, 0)}`}; ` +
        `for calibrated scores it is ${digits(calibrated_threshold, 4)}`,
    );
  }
}

function showGains(output: Output, gains: DetailedEvaluationReport['gains']): void {
  if (gains.length > 0) {
    const lifts = gains.map((row) => digits(row.lift, 1)).join(' ');
    output.line(`lift by tenth of the rows: ${lifts}; the first three hold ${percent(gains[2].capture, 0)}`);
  }
}
