import { sql } from '../data/engine/sql.js';
import { inPopulation } from '../data/population.js';
import { dayRange, readTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';
import type { PredictionsOfDay } from './evaluate-sources.js';
import type { ScoredOutcomes } from './evaluation-report.js';

/**
 * Every prediction with its user's outcome. A user without events is in the grid of user-days and so has an outcome
 * (inactive); one who is in no table of ours is unmatched, never counted as staying.
 */
export async function maturedOutcomes(
  project: Project,
  { date, relation }: PredictionsOfDay,
): Promise<ScoredOutcomes> {
  const { config, layout } = project;
  const engine = await project.engine();
  await requireLabels(project, date);
  const onDate = sql`as_of_date = CAST(${date} AS DATE)`;
  const id = sql`CAST(user_id AS STRING)`;
  const query = sql`
    SELECT predicted.churn_risk, dense_rank() OVER (ORDER BY predicted.unit) - 1 AS unit, outcomes.churn_label AS label,
      CASE WHEN known.unit IS NULL THEN 0 ELSE 1 END AS known, coalesce(known.in_population, 0) AS in_population, predicted.model_version
    FROM ${relation} AS predicted
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
  const judges = new Set<string>();
  for await (const chunk of engine.columns(query)) {
    const [scores, units, labels, known, inPopulationFlags] = chunk.columns as Float64Array[];
    const versions = chunk.columns[5] as (string | null)[];
    for (let row = 0; row < chunk.rows; row++) {
      if (versions[row] !== null) {
        judges.add(versions[row] as string);
      }
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
  return { ...found, version: onlyOne(judges) };
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

/** Of predictions whose horizon has not passed: how many there are. */
export async function immatureOutcomes(
  project: Project,
  { relation }: PredictionsOfDay,
): Promise<ScoredOutcomes> {
  const engine = await project.engine();
  const found = await engine.rows<{ version: string | null; rows: number }>(
    sql`SELECT model_version AS version, count(*) AS rows FROM ${relation} AS predicted GROUP BY model_version`,
  );
  const immature = found.reduce((sum, { rows }) => sum + rows, 0);
  return {
    scores: [],
    labels: [],
    units: [],
    counts: { matched: 0, immature, unmatched: 0, excluded: 0 },
    version: onlyOne(new Set(found.flatMap(({ version }) => version ?? []))),
  };
}

/** Null when several versions predicted: a measure is then of none of them. */
function onlyOne(versions: ReadonlySet<string>): string | null {
  return versions.size === 1 ? [...versions][0] : null;
}
