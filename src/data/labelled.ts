import type { Config } from '../config/schema.js';
import { addDays, type Day } from '../time.js';
import type { Engine } from './engine/engine.js';
import { identifiers, type Sql, sql } from './engine/sql.js';
import type { Layout } from './layout.js';
import { betweenDays, firstCompleteDay, inPopulation, inSample } from './population.js';
import { dayRange, readTable } from './tables.js';

/** The first day whose label is not known yet on the day `at`: its horizon ends later. */
export function labelsKnownUntil(config: Config, at: Day): Day {
  return addDays(at, 1 - config.label.horizon_days);
}

/**
 * Features joined with the labels that were known on the day `at`: complete windows, the population, sampled days.
 * Rows come by day, then by user. Null `at`: the last day of the features.
 */
export async function labelledRows(
  engine: Engine,
  config: Config,
  layout: Layout,
  at: Day | null,
): Promise<{ query: Sql; at: Day; from: Day }> {
  const days = await dayRange(engine, layout.userFeaturesDaily);
  const known = at ?? days.last;
  const from = firstCompleteDay(config, days.first);
  const features = readTable(engine, layout.userFeaturesDaily);
  const columns = (await engine.describe(sql`SELECT * FROM ${features}`)).map((column) => column.name);
  const query = sql`
    SELECT ${identifiers(columns)}, churn_label FROM (
      SELECT * FROM ${features}
      WHERE ${betweenDays(sql`as_of_date`, from, labelsKnownUntil(config, known))} AND ${inPopulation(config)} AND ${inSample(engine, config)}
    ) AS chosen
    JOIN (SELECT user_id, as_of_date, churn_label FROM ${readTable(engine, layout.labelsDaily)}) AS known USING (user_id, as_of_date)
    ORDER BY as_of_date, user_id`;
  return { query, at: known, from };
}
