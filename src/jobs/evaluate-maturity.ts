import { stat } from 'node:fs/promises';
import { type Sql, sql } from '../data/engine/sql.js';

import { readTable } from '../data/tables.js';
import { type MaturityPoint, maturityCurve } from '../monitor/performance/maturity.js';
import type { Project } from '../open.js';
import { type Day, dayNumber, daysBetween } from '../time.js';
import type { PredictionsOfDay } from './evaluate-sources.js';
import { givenOutcomes } from './posted-outcomes.js';

/**
 * How much of the outcomes of a day's predictions was known after 0, 1, 2 ... days, as seen on the day `at`. By inactivity
 * "stayed" is known from the first activity on and "churned" at the end of the horizon; from a table, when it arrived.
 * Null where neither is told: other kinds of churn, a table without arrival times, no user-days.
 */
export async function maturityOf(
  project: Project,
  { date, relation }: PredictionsOfDay,
  at: Day,
): Promise<MaturityPoint[] | null> {
  const { horizon_days } = project.config.label;
  const arrivals = await arrivalsOf(project, date, at);
  if (arrivals === null) {
    return null;
  }
  const engine = await project.engine();
  const query = sql`SELECT CAST(arrivals.day AS DOUBLE) AS day FROM ${relation} AS predicted
    LEFT JOIN ${arrivals.relation} AS arrivals ON arrivals.unit = predicted.unit`;
  const age = daysBetween(date, at);
  const delays: number[] = [];
  for await (const { columns, rows } of engine.columns(query)) {
    for (let row = 0; row < rows; row++) {
      const delay = (columns[0] as Float64Array)[row] - dayNumber(date);
      delays.push(arrivals.silenceIsKnown && Number.isNaN(delay) ? horizon_days : delay);
    }
  }
  const ages = new Float64Array(delays.length).fill(age);
  return maturityCurve(Float64Array.from(delays), ages, Math.min(age, horizon_days + arrivals.lateness));
}

interface Arrivals {
  /** unit (text), day (number of the day on which the outcome became known). */
  relation: Sql;
  /** Whether no arrival at all tells the outcome once the horizon is over. */
  silenceIsKnown: boolean;
  /** Days after the horizon in which outcomes still come. */
  lateness: number;
}

async function arrivalsOf(project: Project, date: Day, at: Day): Promise<Arrivals | null> {
  const { config, layout } = project;
  const engine = await project.engine();
  const given = await givenOutcomes(project, at);
  const lateness = config.evaluation.lateness_days;
  if (given !== null) {
    const relation = sql`(SELECT unit, arrived_day AS day FROM ${given.relation} AS given WHERE predicted_day = ${dayNumber(date)} AND label IS NOT NULL)`;
    const [{ told }] = await engine.rows<{ told: number }>(
      sql`SELECT count(day) AS told FROM ${relation} AS given`,
    );
    return told > 0 ? { relation, silenceIsKnown: false, lateness } : null;
  }
  const told = await stat(layout.userDaily).catch(() => null);
  if (told === null || config.label.kind !== 'inactivity' || config.label.events !== undefined) {
    return null;
  }
  const day = engine.dialect.dayNumber(sql`as_of_date`);
  const relation = sql`(SELECT CAST(user_id AS STRING) AS unit, min(${day}) AS day FROM ${readTable(engine, layout.userDaily)}
    WHERE as_of_date > CAST(${date} AS DATE) AND ${day} <= ${dayNumber(date) + config.label.horizon_days} AND as_of_date <= CAST(${at} AS DATE) AND is_active_day = 1
    GROUP BY user_id)`;
  return { relation, silenceIsKnown: true, lateness: 0 };
}
