import { identifier, join, raw, type Sql, sql } from '../data/engine/sql.js';
import { inPopulation } from '../data/population.js';
import { dayRange, readTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { Project } from '../open.js';
import { addDays, type Day, dayNumber } from '../time.js';
import type { PredictionsOfDay } from './evaluate-sources.js';
import { noOutcomes, type ScoredOutcomes } from './evaluation-report.js';
import { givenOutcomes } from './posted-outcomes.js';

/** Outcomes of a day's predictions, whatever holds them. */
interface OutcomesOfDay {
  /** unit (text), label (1, 0 or null), told (1), treated and hold_out (1, 0 or null), one row for each user. */
  relation: Sql;
  /** What a user of ours without an outcome is: outside the population (derived outcomes), or not told of (a table). */
  withoutOutcome: 'excluded' | 'unmatched';
}

/**
 * Every prediction with its user's outcome, as it was known on the day `at`. Derived outcomes: a user without events is in
 * the grid of user-days and so has an outcome (inactive). One who is in no table of ours is unmatched, never counted as
 * staying.
 */
export async function maturedOutcomes(
  project: Project,
  { date, relation }: PredictionsOfDay,
  at: Day,
  segments: readonly string[] = [],
): Promise<ScoredOutcomes> {
  const { config, layout } = project;
  const engine = await project.engine();
  const outcomes = await outcomesOfDay(project, date, at);
  const features = readTable(engine, layout.userFeaturesDaily);
  const [segmentSource, segmentColumns] = ['', 'known.'].map((from) =>
    join(
      segments.map(
        (name, i) =>
          sql`, ${from === '' ? sql`CAST(${identifier(name)} AS STRING)` : raw(`known.segment_${i}`)} AS ${raw(`segment_${i}`)}`,
      ),
      '',
    ),
  );
  const query = sql`
    SELECT predicted.churn_risk, outcomes.label, coalesce(outcomes.told, 0) AS told, outcomes.treated, coalesce(outcomes.hold_out, predicted.hold_out) AS hold_out,
      CASE WHEN known.unit IS NULL THEN 0 ELSE 1 END AS known, coalesce(known.in_population, 0) AS in_population, predicted.unit, predicted.model_version${segmentColumns}
    FROM ${relation} AS predicted
    LEFT JOIN (SELECT CAST(user_id AS STRING) AS unit, CASE WHEN ${inPopulation(config)} THEN 1 ELSE 0 END AS in_population${segmentSource}
      FROM ${features} WHERE as_of_date = CAST(${date} AS DATE)) AS known ON known.unit = predicted.unit
    LEFT JOIN ${outcomes.relation} AS outcomes ON outcomes.unit = predicted.unit
    ORDER BY predicted.unit`;
  const found = noOutcomes(segments);
  const judges = new Set<string>();
  for await (const { columns, rows } of engine.columns(query)) {
    const [scores, labels, told, treated, heldOut, known, inside] = columns as Float64Array[];
    const [units, versions, ...texts] = columns.slice(7) as (string | null)[][];
    for (let row = 0; row < rows; row++) {
      if (versions[row] !== null) {
        judges.add(versions[row] as string);
      }
      if (known[row] === 0) {
        found.counts.unmatched++;
      } else if (inside[row] === 0) {
        found.counts.excluded++;
      } else if (told[row] === 0) {
        found.counts[outcomes.withoutOutcome]++;
      } else if (Number.isNaN(labels[row])) {
        found.counts.immature++;
      } else {
        found.counts.matched++;
        found.scores.push(scores[row]);
        found.labels.push(labels[row]);
        found.units.push(units[row] as string);
        found.treated.push(treated[row]);
        found.heldOut.push(heldOut[row]);
        found.days.push(dayNumber(date));
        segments.forEach((name, i) => {
          found.segments[name].push(texts[i][row] ?? '(null)');
        });
      }
    }
  }
  return { ...found, version: onlyOne(judges) };
}

/** The configured table, or labels_daily. */
async function outcomesOfDay(project: Project, date: Day, at: Day): Promise<OutcomesOfDay> {
  const { config, layout } = project;
  const engine = await project.engine();
  const given = await givenOutcomes(project, at);
  if (given !== null) {
    const horizonEnd = dayNumber(addDays(date, config.label.horizon_days));
    return {
      relation: sql`(SELECT unit, 1 AS told, treated, hold_out, CASE WHEN label = 1 AND happened_day > ${horizonEnd} THEN 0 ELSE label END AS label
        FROM ${given.relation} AS given WHERE predicted_day = ${dayNumber(date)})`,
      withoutOutcome: 'unmatched',
    };
  }
  if (!(await labelsReach(project, date))) {
    throw new ChurnError('data.stale', {
      expected: `labels of ${date}, whose horizon has passed`,
      came: `labels that end on ${(await dayRange(engine, layout.labelsDaily)).last}`,
      fix: 'run `churn-mlops labels` first',
    });
  }
  return {
    relation: sql`(SELECT CAST(user_id AS STRING) AS unit, 1 AS told, CAST(NULL AS DOUBLE) AS treated, CAST(NULL AS DOUBLE) AS hold_out, churn_label AS label
      FROM ${readTable(engine, layout.labelsDaily)} WHERE as_of_date = CAST(${date} AS DATE))`,
    withoutOutcome: 'excluded',
  };
}

/** Whether labels were built up to a day: before that they would count every user as outside the population. */
export async function labelsReach({ engine, layout }: Project, date: Day): Promise<boolean> {
  return date <= (await dayRange(await engine(), layout.labelsDaily)).last;
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
  const outcomes = noOutcomes();
  outcomes.counts.immature = found.reduce((sum, { rows }) => sum + rows, 0);
  return { ...outcomes, version: onlyOne(new Set(found.flatMap(({ version }) => version ?? []))) };
}

/** Null when several versions predicted: a measure is then of none of them. */
function onlyOne(versions: ReadonlySet<string>): string | null {
  return versions.size === 1 ? [...versions][0] : null;
}
