import type { Config } from '../config/schema.js';
import type { Day } from '../time.js';
import type { Engine } from './engine/engine.js';
import { identifier, raw, type Sql, sql } from './engine/sql.js';
import { type DayReading, zonedTime } from './source/days.js';
import { openMapped } from './sources.js';

/** How a table of outcomes calls its columns. */
export interface OutcomeColumns {
  id: string;
  /** 1 for churned, 0 for stayed, null for not known yet. */
  outcome: string;
  /** Day of the prediction that it answers; without one an id has one outcome. */
  predicted?: string;
  /** When it happened. */
  happened?: string;
  /** When it became known to us. Later rows of a prediction correct earlier ones. */
  arrived?: string;
  /** 1 where the user got an offer or the like after the prediction. */
  treated?: string;
  /** 1 where the user was drawn at random to get none. */
  holdOut?: string;
}

/**
 * Outcomes as they were known at the end of the day `at` (null: all of them): unit (text), predicted_day, label (double or
 * null), happened_day and arrived_day (day numbers or null), treated and hold_out (double or null), one row per id and prediction day. Of several rows that had
 * arrived the last counts; the same `at` finds the same rows whatever comes later. Rows that did not say when they
 * arrived were always known.
 */
export function outcomesAsKnown(
  engine: Engine,
  table: Sql,
  types: readonly { name: string; type: string }[],
  columns: OutcomeColumns,
  at: Day | null,
  days: DayReading = { zone: 'UTC', times: 'utc' },
): Sql {
  const time = (name: string | undefined): Sql =>
    name === undefined
      ? raw('CAST(NULL AS TIMESTAMP)')
      : zonedTime(engine, identifier(name), types.find((type) => type.name === name)?.type ?? '', days);
  const flag = (name: string | undefined): Sql =>
    name === undefined ? raw('CAST(NULL AS DOUBLE)') : sql`CAST(${identifier(name)} AS DOUBLE)`;
  const day = (value: Sql) => engine.dialect.dayNumber(sql`CAST(${value} AS DATE)`);
  const known =
    at === null ? raw('TRUE') : sql`(arrived IS NULL OR CAST(arrived AS DATE) <= CAST(${at} AS DATE))`;
  return sql`(SELECT unit, ${day(raw('predicted'))} AS predicted_day, label, ${day(raw('happened'))} AS happened_day, ${day(raw('arrived'))} AS arrived_day, treated, hold_out
    FROM (SELECT *, row_number() OVER (PARTITION BY unit, predicted ORDER BY CASE WHEN arrived IS NULL THEN 1 ELSE 0 END, arrived DESC, happened DESC, label DESC) AS place
      FROM (SELECT CAST(${identifier(columns.id)} AS STRING) AS unit, CAST(${identifier(columns.outcome)} AS DOUBLE) AS label,
        CAST(${time(columns.predicted)} AS DATE) AS predicted, ${time(columns.happened)} AS happened, ${time(columns.arrived)} AS arrived,
        ${flag(columns.treated)} AS treated, ${flag(columns.holdOut)} AS hold_out FROM ${table} AS outcomes) AS told
      WHERE ${known}) AS ranked WHERE place = 1)`;
}

/** The configured outcomes as they were known on a day; null when outcomes are derived from the events. */
export async function configuredOutcomes(
  engine: Engine,
  config: Config,
  root: string,
  at: Day,
): Promise<{ relation: Sql; path: string } | null> {
  const { outcomes } = config.evaluation;
  if (outcomes === undefined) {
    return null;
  }
  const { relation, columns, path, days } = await openMapped(engine, root, {
    source: outcomes,
    what: 'outcomes',
    key: 'evaluation.outcomes',
    needed: ['user_id', 'as_of_date', 'churned'],
    zone: config.time_zone,
    fix: 'set the path in churn.yaml, or leave out evaluation.outcomes to derive outcomes from the events',
  });
  const there = (name: string) => (columns.some((column) => column.name === name) ? name : undefined);
  const named: OutcomeColumns = {
    id: 'user_id',
    outcome: 'churned',
    predicted: 'as_of_date',
    happened: there('happened_at'),
    arrived: there('arrived_at'),
    treated: there('treated'),
    holdOut: there('hold_out'),
  };
  return { relation: outcomesAsKnown(engine, relation, columns, named, at, days), path };
}
