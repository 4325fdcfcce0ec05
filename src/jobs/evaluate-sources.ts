import { readdir } from 'node:fs/promises';
import type { Engine } from '../data/engine/engine.js';
import { identifier, raw, type Sql, sql } from '../data/engine/sql.js';
import { heldOut } from '../data/hold-out.js';
import { readTable, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { Project } from '../open.js';
import { addDays, type Day } from '../time.js';
import { type LoggedPredictions, nothingLogged } from './drift-log.js';

/** The predictions of a day, whatever holds them. */
export interface PredictionsOfDay {
  date: Day;
  /** unit (text), churn_risk (double), model_version (text or null) and hold_out (1, 0 or null), one row for each user. */
  relation: Sql;
  /** File or folder. */
  path: string;
  /** Of the prediction log: what was logged on the day, and what of it is not judged. */
  served: { logged: number; without_user: number; superseded: number } | null;
}

const PREDICTIONS = /^churn_predictions_(\d{4}-\d{2}-\d{2})\.(parquet|csv)$/;

/** The days that have a file of predictions, oldest first. */
export async function predictionDays({ layout }: Project): Promise<Day[]> {
  const names = await readdir(layout.predictionsFolder).catch(() => [] as string[]);
  return names.flatMap((name) => PREDICTIONS.exec(name)?.[1] ?? []).sort();
}

/**
 * The file of `date`, or the newest that has matured; when none has, the newest at all.
 * @throws input.missing without any
 */
export async function predictionsFile(
  project: Project,
  date: Day | null,
  newestMature: Day,
  at: Day,
): Promise<PredictionsOfDay> {
  const { layout } = project;
  const day = date ?? newestToJudge(await predictionDays(project), newestMature, at);
  if (day === null) {
    throw new ChurnError('input.missing', {
      expected: `predictions in ${layout.predictionsFolder} of ${at} or before`,
      came: 'none',
      fix: 'run `churn-mlops score` first',
    });
  }
  const path = layout.predictions(day);
  await requireTable(path, `score --date ${day}`);
  const engine = await project.engine();
  const table = readTable(engine, path);
  const column = await optionalColumns(engine, table);
  return {
    date: day,
    relation: sql`(SELECT CAST(user_id AS STRING) AS unit, CAST(churn_risk AS DOUBLE) AS churn_risk, ${column('model_version', 'STRING')} AS model_version, ${column('hold_out', 'DOUBLE')} AS hold_out FROM ${table})`,
    path,
    served: null,
  };
}

/**
 * Predictions that the server logged on a day (UTC): of each user the last one. Those without a user id cannot be judged.
 * @throws data.empty when nothing was logged on the day
 */
export async function loggedPredictions(
  project: Project,
  log: LoggedPredictions,
  date: Day | null,
  newestMature: Day,
  at: Day,
): Promise<PredictionsOfDay> {
  const engine = await project.engine();
  const day = date ?? newestToJudge(await log.days(), newestMature, at) ?? at;
  const window = { from: day, to: addDays(day, 1) };
  const logged = await log.relation(engine, window);
  if (logged === null) {
    throw await nothingLogged(log, window);
  }
  const [{ rows, named, users }] = await engine.rows<{ rows: number; named: number; users: number }>(
    sql`SELECT count(*) AS rows, count(user_id) AS named, count(DISTINCT user_id) AS users FROM ${logged} AS logged`,
  );
  const ranked = sql`SELECT user_id AS unit, churn_risk, model_version,
    row_number() OVER (PARTITION BY user_id ORDER BY time DESC, request_id DESC, churn_risk DESC) AS place
    FROM ${logged} AS logged WHERE user_id IS NOT NULL`;
  // The log does not hold it: who was drawn follows from user and day.
  const drawn = heldOut(engine, project.config, sql`unit`, day) ?? sql`NULL`;
  return {
    date: day,
    relation: sql`(SELECT unit, churn_risk, model_version, CAST(${drawn} AS DOUBLE) AS hold_out FROM (${ranked}) AS ranked WHERE place = 1)`,
    path: log.folder,
    served: { logged: rows, without_user: rows - named, superseded: named - users },
  };
}

function newestToJudge(days: readonly Day[], newestMature: Day, at: Day): Day | null {
  const known = days.filter((day) => day <= at);
  return known.findLast((day) => day <= newestMature) ?? known.at(-1) ?? null;
}

/** Columns that not every file has, null where there are none: the version (files of others), the hold-out. */
async function optionalColumns(
  engine: Engine,
  predictions: Sql,
): Promise<(name: string, type: string) => Sql> {
  const there = await engine.describe(sql`SELECT * FROM ${predictions}`);
  return (name, type) =>
    sql`CAST(${there.some((column) => column.name === name) ? identifier(name) : raw('NULL')} AS ${raw(type)})`;
}
