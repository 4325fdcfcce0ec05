import { sql } from '../data/engine/sql.js';
import { inPopulation } from '../data/population.js';
import { readTable, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { writeJson } from '../files.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { FlagRule } from '../monitor/performance/confusion.js';
import { estimatePerformance, type PerformanceEstimate } from '../monitor/performance/estimate.js';
import { type EstimateTrack, estimateTrack } from '../monitor/performance/estimate-record.js';
import { type Estimator, fitEstimator } from '../monitor/performance/estimator.js';
import type { Project } from '../open.js';
import { addDays, type Day, dayNumber, type Window } from '../time.js';
import { asOfDay } from './as-of.js';
import type { LoggedPredictions } from './drift-log.js';
import { knownOutcomes } from './estimate-outcomes.js';
import { loggedPredictions, type PredictionsOfDay, predictionsFile } from './evaluate-sources.js';
import { type JobRequest, recorded } from './record.js';
import { scoredRows } from './scored-rows.js';

export const ESTIMATE_FILE = 'performance_estimate_latest.json';

export interface EstimateOptions {
  at: Day | null;
  /** Day of the predictions; null: the newest. */
  date: Day | null;
  log?: LoggedPredictions | null;
  flag?: FlagRule | null;
  parent?: string | null;
}

/** `performance_estimate_latest.json`: how good the predictions of a day probably are. */
export interface EstimateReport extends PerformanceEstimate {
  prediction_date: Day;
  version: string;
  /** The day on which the outcomes will be known. */
  matures_on: Day;
  counts: { estimated: number; unmatched: number; excluded: number };
  /** The version's held-out rows, which the estimate was learnt from. */
  reference: Window & { rows: number; windows: number; calibration_error: Estimator['calibration_error'] };
  /** How earlier estimates of the version did, once their outcomes came. */
  record: Record<string, EstimateTrack>;
}

/**
 * Estimates the performance of predictions whose outcomes are not known yet, from the held-out rows of the version that
 * made them. Writes the report and keeps it in history; a later evaluation of the same day is held against it.
 */
export async function estimatePredictions(
  project: Project,
  options: EstimateOptions,
): Promise<EstimateReport> {
  const job: JobRequest = { command: 'evaluate', at: options.at, parent: options.parent };
  return recorded(project, job, async (run) => {
    const { config, layout, history } = project;
    const at = await asOfDay(project, options.at);
    job.at = at;
    // The newest of all: to this job no day has to have matured.
    const predictions = options.log
      ? await loggedPredictions(project, options.log, options.date, at, at)
      : await predictionsFile(project, options.date, at, at);
    const found = await scoresOfDay(project, predictions);
    const manifest = await project.registry.find(found.version ?? 'champion');
    const flag = options.flag ?? config.evaluation.flag;
    const { estimator, reference } = await learn(project, manifest, at, flag);
    const estimate = estimatePerformance(estimator, found.scores);
    const outcomes = await knownOutcomes(project, manifest.version, at);
    const report: EstimateReport = {
      ...estimate,
      prediction_date: predictions.date,
      version: manifest.version,
      matures_on: addDays(predictions.date, config.label.horizon_days + config.evaluation.lateness_days),
      counts: found.counts,
      reference,
      record: estimateTrack(outcomes),
    };
    const target = layout.metrics(ESTIMATE_FILE);
    await writeJson(target, report);
    const status = report.alert ? 'alert' : 'ok';
    await history.addReport({ run, kind: 'estimate', at, version: manifest.version, status, body: report });
    return {
      value: report,
      reads: [{ path: predictions.path, rows: report.rows }],
      writes: [{ path: target }],
      result: {
        prediction_date: report.prediction_date,
        estimated_pr_auc: report.measures.pr_auc.value,
        estimated_roc_auc: report.measures.roc_auc.value,
        alert: report.alert,
      },
    };
  });
}

/** Scores of the predictions of a day that lie in the population. */
async function scoresOfDay(
  project: Project,
  { date, relation }: PredictionsOfDay,
): Promise<{ scores: Float64Array; version: string | null; counts: EstimateReport['counts'] }> {
  const { config, layout } = project;
  await requireTable(layout.userFeaturesDaily, 'run');
  const engine = await project.engine();
  const features = readTable(engine, layout.userFeaturesDaily);
  const query = sql`
    SELECT predicted.churn_risk, CASE WHEN known.unit IS NULL THEN 0 ELSE 1 END AS known, coalesce(known.in_population, 0) AS in_population, predicted.model_version
    FROM ${relation} AS predicted
    LEFT JOIN (SELECT CAST(user_id AS STRING) AS unit, CASE WHEN ${inPopulation(config)} THEN 1 ELSE 0 END AS in_population
      FROM ${features} WHERE as_of_date = CAST(${date} AS DATE)) AS known ON known.unit = predicted.unit`;
  const scores: number[] = [];
  const versions = new Set<string>();
  const counts = { estimated: 0, unmatched: 0, excluded: 0 };
  for await (const chunk of engine.columns(query)) {
    const [risks, known, inside] = chunk.columns as Float64Array[];
    const names = chunk.columns[3] as (string | null)[];
    for (let row = 0; row < chunk.rows; row++) {
      if (names[row] !== null) {
        versions.add(names[row] as string);
      }
      if (known[row] === 0) {
        counts.unmatched++;
      } else if (inside[row] === 0) {
        counts.excluded++;
      } else {
        counts.estimated++;
        scores.push(risks[row]);
      }
    }
  }
  if (versions.size > 1) {
    throw new ChurnError('data.invalid', {
      expected: `predictions of ${date} by one version`,
      came: [...versions].sort().join(', '),
      fix: 'an estimate is learnt from one version: choose another --date',
    });
  }
  return { scores: Float64Array.from(scores), version: [...versions][0] ?? null, counts };
}

/** From the version's held-out rows; its windows are their weeks. */
async function learn(
  project: Project,
  manifest: Manifest,
  at: Day,
  flag: FlagRule,
): Promise<{ estimator: Estimator; reference: EstimateReport['reference'] }> {
  const { from, to } = manifest.data.test;
  const rows = await scoredRows(project, manifest, { from, to }, at);
  const weeks = Math.max(1, Math.floor((dayNumber(to) - dayNumber(from)) / 7));
  const windows = rows.days.map((day) => Math.min(weeks - 1, Math.floor((day - dayNumber(from)) / 7)));
  const { seed } = project.config.training;
  const estimator = fitEstimator(rows, { seed, flag, windows });
  const { calibration_error } = estimator;
  return {
    estimator,
    reference: { from, to, rows: rows.labels.length, windows: weeks, calibration_error },
  };
}
