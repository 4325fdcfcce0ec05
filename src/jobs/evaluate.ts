import { requireTable } from '../data/tables.js';
import { writeJson } from '../files.js';
import type { FlagRule } from '../monitor/performance/confusion.js';
import { compareEstimate, type EstimateOutcome } from '../monitor/performance/estimate-record.js';
import type { DetailedEvaluationReport } from '../monitor/performance/report.js';
import type { Project } from '../open.js';
import { addDays, type Day } from '../time.js';
import { asOfDay, newestMatureDay } from './as-of.js';
import type { LoggedPredictions } from './drift-log.js';
import { estimateOf } from './estimate-outcomes.js';
import { maturityOf } from './evaluate-maturity.js';
import { immatureOutcomes, labelsReach, maturedOutcomes } from './evaluate-outcomes.js';
import { loggedPredictions, type PredictionsOfDay, predictionsFile } from './evaluate-sources.js';
import { evaluationOptions, evaluationReport } from './evaluation-report.js';
import { type JobRequest, recorded } from './record.js';

export const EVALUATION_FILE = 'score_proxy_latest.json';

/** The report of a project's evaluation: the pure report with what it was about. */
export interface ProjectEvaluationReport extends DetailedEvaluationReport {
  source: 'predictions_file' | 'prediction_log';
  /** Of the prediction log. */
  served?: NonNullable<PredictionsOfDay['served']>;
  /** What had been estimated of these predictions (`evaluate --estimate`), beside what came; null when nothing had. */
  estimated: Record<string, EstimateOutcome> | null;
}

export interface EvaluateOptions {
  at: Day | null;
  /** Day of the predictions; null: the newest that have matured. */
  date: Day | null;
  /** Judges what was served, instead of a file of predictions. */
  log?: LoggedPredictions | null;
  /** Which rows count as flagged; null: as configured. */
  flag?: FlagRule | null;
  parent?: string | null;
}

/** Joins the predictions of a day with what happened within the horizon, writes the report and keeps it in history. */
export async function evaluatePredictions(
  project: Project,
  options: EvaluateOptions,
): Promise<ProjectEvaluationReport> {
  const job: JobRequest = { command: 'evaluate', at: options.at, parent: options.parent };
  return recorded(project, job, async (run) => {
    const { layout } = project;
    await requireTable(layout.labelsDaily, 'run');
    const at = await asOfDay(project, options.at);
    job.at = at;
    const newestMature = newestMatureDay(project, at);
    const predictions = options.log
      ? await loggedPredictions(project, options.log, options.date, newestMature, at)
      : await predictionsFile(project, options.date, newestMature, at);
    const { date, path, served } = predictions;
    const judged = await judge(project, predictions, at, options.flag ?? null);
    const estimate = await estimateOf(project, judged, at);
    const report: ProjectEvaluationReport = {
      ...judged,
      estimated: estimate && compareEstimate(estimate, judged),
      source: served === null ? 'predictions_file' : 'prediction_log',
      ...(served && { served }),
    };
    const target = layout.metrics(EVALUATION_FILE);
    await writeJson(target, report);
    await project.history.addReport({
      run,
      kind: 'evaluation',
      at,
      version: report.version,
      status: report.state,
      body: report,
    });
    return {
      value: report,
      reads: [{ path, rows: report.sample_size }, { path: layout.labelsDaily }],
      writes: [{ path: target }],
      result: { prediction_date: date, pr_auc: report.pr_auc, roc_auc: report.roc_auc, ...report.counts },
      status: report.state === 'ok' ? 'ok' : 'insufficient',
    };
  });
}

/** Mature predictions are judged, the others counted; those that only wait for late outcomes get provisional figures. */
async function judge(
  project: Project,
  predictions: PredictionsOfDay,
  at: Day,
  flag: FlagRule | null,
): Promise<DetailedEvaluationReport> {
  const { config } = project;
  const { date } = predictions;
  const horizonEnd = addDays(date, config.label.horizon_days);
  const known = addDays(horizonEnd, config.evaluation.lateness_days);
  const mature = known <= at;
  const configured = evaluationOptions(config);
  const options = { ...configured, flag: flag ?? configured.flag };
  const facts = {
    prediction_date: date,
    evaluation_date: horizonEnd,
    matures_on: mature ? null : known,
    known_on: at,
    maturity: await maturityOf(project, predictions, at),
  };
  if (mature) {
    return evaluationReport(await maturedOutcomes(project, predictions, at), facts, options);
  }
  const waiting = evaluationReport(await immatureOutcomes(project, predictions), facts, options);
  const early =
    horizonEnd <= at && (project.config.evaluation.outcomes || (await labelsReach(project, date)));
  if (!early) {
    return waiting;
  }
  const soFar = evaluationReport(await maturedOutcomes(project, predictions, at), facts, options);
  const { pr_auc, roc_auc, log_loss, brier, sample_size } = soFar;
  const because = `the horizon ended on ${horizonEnd}, outcomes may come until ${known}`;
  return { ...waiting, provisional: { pr_auc, roc_auc, log_loss, brier, sample_size, because } };
}
