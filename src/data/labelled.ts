import type { Config } from '../config/schema.js';
import { addDays, type Day, type Window } from '../time.js';
import type { Engine } from './engine/engine.js';
import { identifiers, raw, type Sql, sql } from './engine/sql.js';
import type { Layout } from './layout.js';
import { betweenDays, firstCompleteDay, inPopulation, inSample } from './population.js';
import { dayRange, readTable } from './tables.js';

/** The first day whose label is not known yet on the day `at`: its horizon ends later. */
export function labelsKnownUntil(config: Config, at: Day): Day {
  return addDays(at, 1 - config.label.horizon_days);
}

/** The labelled rows of some days. */
export interface LabelledRows {
  /** By day, then by user. */
  query: Sql;
  at: Day;
  /** The days that can have rows: [from, to). */
  days: Window;
  /** The rows of a window for which a condition over as_of_date holds, in no order. */
  rows(days: Window, which: Sql): Sql;
}

/**
 * Features joined with the labels that were known on the day `at`: complete windows, the population, sampled days.
 * Null `at`: the last day of the features.
 */
export async function labelledRows(
  engine: Engine,
  config: Config,
  layout: Layout,
  at: Day | null,
): Promise<LabelledRows> {
  const there = await dayRange(engine, layout.userFeaturesDaily);
  const known = at ?? there.last;
  const days = { from: firstCompleteDay(config, there.first), to: labelsKnownUntil(config, known) };
  const features = readTable(engine, layout.userFeaturesDaily);
  const columns = (await engine.describe(sql`SELECT * FROM ${features}`)).map((column) => column.name);
  const rows = (window: Window, which: Sql) => sql`
    SELECT ${identifiers(columns)}, churn_label FROM (
      SELECT * FROM ${features}
      WHERE ${betweenDays(sql`as_of_date`, window.from, window.to)} AND ${which} AND ${inPopulation(config)} AND ${inSample(engine, config)}
    ) AS chosen
    JOIN (SELECT user_id, as_of_date, churn_label FROM ${readTable(engine, layout.labelsDaily)}) AS known USING (user_id, as_of_date)`;
  return { query: sql`${rows(days, raw('TRUE'))} ORDER BY as_of_date, user_id`, at: known, days, rows };
}
