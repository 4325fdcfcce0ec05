import { readdir } from 'node:fs/promises';
import type { Engine } from '../data/engine/engine.js';
import { type Sql, sql } from '../data/engine/sql.js';
import { inPopulation } from '../data/population.js';
import { dayRange, readTable, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { writeJson } from '../files.js';
import type { EvaluationReport } from '../monitor/performance/report.js';
import type { Project } from '../open.js';
import { addDays, type Day } from '../time.js';
import { asOfDay, newestMatureDay } from './as-of.js';
import { evaluationReport, type ScoredOutcomes } from './evaluation-report.js';
import { type JobRequest, recorded } from './record.js';

export const EVALUATION_FILE = 'score_proxy_latest.json';

export interface EvaluateOptions {
  at: Day | null;
  /** Day of the predictions; null: the newest that have matured. */
  date: Day | null;
  parent?: string | null;
}

/** Joins the predictions of a day with what happened within the horizon, writes the report and keeps it in history. */
export async function evaluatePredictions(
  project: Project,
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const job: JobRequest = { command: 'evaluate', at: options.at, parent: options.parent };
  return recorded(project, job, async (run) => {
    const { config, layout } = project;
    await requireTable(layout.labelsDaily, 'run');
    const at = await asOfDay(project, options.at);
    job.at = at;
    const newestMature = newestMatureDay(project, at);
    const date = options.date ?? (await predictionsToJudge(project, newestMature, at));
    const path = layout.predictions(date);
    await requireTable(path, `score --date ${date}`);
    const outcomes =
      date <= newestMature ? await maturedOutcomes(project, date) : await immatureOutcomes(project, date);
    const report = evaluationReport(outcomes, {
      prediction_date: date,
      evaluation_date: addDays(date, config.label.horizon_days),
      matures_on:
        date <= newestMature
          ? null
          : addDays(date, config.label.horizon_days + config.evaluation.lateness_days),
      seed: config.training.seed,
      draws: config.evaluation.draws,
    });
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

const PREDICTIONS = /^churn_predictions_(\d{4}-\d{2}-\d{2})\.(parquet|csv)$/;

/** The newest predictions that have matured; when none have, the newest at all. @throws input.missing without any */
async function predictionsToJudge({ layout }: Project, newestMature: Day, at: Day): Promise<Day> {
  const names = await readdir(layout.predictionsFolder).catch(() => [] as string[]);
  const days = names
    .flatMap((name) => PREDICTIONS.exec(name)?.[1] ?? [])
    .filter((day) => day <= at)
    .sort();
  const day = days.findLast((candidate) => candidate <= newestMature) ?? days.at(-1);
  if (day === undefined) {
    throw new ChurnError('input.missing', {
      expected: `predictions in ${layout.predictionsFolder} of ${at} or before`,
      came: 'none',
      fix: 'run `churn-mlops score` first',
    });
  }
  return day;
}

/**
 * Every prediction with its user's outcome. A user without events is in the grid of user-days and so has an outcome
 * (inactive); one who is in no table of ours is unmatched, never counted as staying.
 */
async function maturedOutcomes(project: Project, date: Day): Promise<ScoredOutcomes> {
  const { config, layout } = project;
  const engine = await project.engine();
  await requireLabels(project, date);
  const onDate = sql`as_of_date = CAST(${date} AS DATE)`;
  const id = sql`CAST(user_id AS STRING)`;
  const predictions = readTable(engine, layout.predictions(date));
  const version = await versionColumn(engine, predictions);
  const query = sql`
    SELECT predicted.churn_risk, dense_rank() OVER (ORDER BY predicted.unit) - 1 AS unit, outcomes.churn_label AS label,
      CASE WHEN known.unit IS NULL THEN 0 ELSE 1 END AS known, coalesce(known.in_population, 0) AS in_population, predicted.model_version
    FROM (SELECT ${id} AS unit, CAST(churn_risk AS DOUBLE) AS churn_risk, ${version} AS model_version
      FROM ${predictions}) AS predicted
    LEFT JOIN (SELECT ${id} AS unit, CASE WHEN ${inPopulation(config)} THEN 1 ELSE 0 END AS in_population
      FROM ${readTable(engine, layout.userFeaturesDaily)} WHERE ${onDate}) AS known ON known.unit = predicted.unit
    LEFT JOIN (SELECT ${id} AS unit, churn_label FROM ${readTable(engine, layout.labelsDaily)} WHERE ${onDate}) AS outcomes
      ON outcomes.unit = predicted.unit
    ORDER BY predicted.unit`;
  const found: ScoredOutcomes = {
    scores: [],
    labels: [],
    units: [],
    counts: { matched: 0, immature: 0, unmatched: 0, excluded: 0 },
    version: null,
  };
  for await (const chunk of engine.columns(query)) {
    const [scores, units, labels, known, inPopulationFlags] = chunk.columns as Float64Array[];
    const versions = chunk.columns[5] as (string | null)[];
    for (let row = 0; row < chunk.rows; row++) {
      found.version ??= versions[row];
      if (known[row] === 0) {
        found.counts.unmatched++;
      } else if (inPopulationFlags[row] === 0 || Number.isNaN(labels[row])) {
        found.counts.excluded++;
      } else {
        found.counts.matched++;
        found.scores.push(scores[row]);
        found.labels.push(labels[row]);
        found.units.push(units[row]);
      }
    }
  }
  return found;
}

/** Labels that were built before this day's were known would count every user as outside the population. */
async function requireLabels(project: Project, date: Day): Promise<void> {
  const { last } = await dayRange(await project.engine(), project.layout.labelsDaily);
  if (date > last) {
    throw new ChurnError('data.stale', {
      expected: `labels of ${date}, whose horizon has passed`,
      came: `labels that end on ${last}`,
      fix: 'run `churn-mlops labels` first',
    });
  }
}

async function immatureOutcomes(project: Project, date: Day): Promise<ScoredOutcomes> {
  const engine = await project.engine();
  const predictions = readTable(engine, project.layout.predictions(date));
  const [facts] = await engine.rows<{ rows: number; version: string | null }>(
    sql`SELECT count(*) AS rows, max(${await versionColumn(engine, predictions)}) AS version FROM ${predictions}`,
  );
  return {
    scores: [],
    labels: [],
    units: [],
    counts: { matched: 0, immature: facts.rows, unmatched: 0, excluded: 0 },
    version: facts.version,
  };
}

/** Files of before churn-mlops name no version. */
async function versionColumn(engine: Engine, predictions: Sql): Promise<Sql> {
  const columns = await engine.describe(sql`SELECT * FROM ${predictions}`);
  return columns.some((column) => column.name === 'model_version')
    ? sql`CAST(model_version AS STRING)`
    : sql`CAST(NULL AS STRING)`;
}
