import { columnLayout } from '../../config/columns.js';
import type { DailyAggregate, EventTypes } from '../../config/features.js';
import type { Config } from '../../config/schema.js';
import { usedEventColumns } from '../columns-used.js';
import type { Engine } from '../engine/engine.js';
import { identifier, identifiers, join, raw, type Sql, sql } from '../engine/sql.js';
import { idType, localDate, localDay, openSource, type SourceRelation } from '../sources.js';
import { requireColumns } from '../tables.js';
import { exactMean, exactSum } from './exact-sum.js';
import type { StepContext } from './step.js';

/** The sources, and what of them user_daily is made of. */
export interface Sources {
  engine: Engine;
  config: Config;
  users: SourceRelation;
  events: SourceRelation;
  /** The users' columns that are carried along. */
  statics: readonly string[];
  /** The events' columns that are read. */
  used: readonly string[];
}

export async function openSources({ engine, config, layout }: StepContext): Promise<Sources> {
  const users = await openSource(engine, config, layout.root, 'users');
  const events = await openSource(engine, config, layout.root, 'events');
  const { statics } = columnLayout(
    config.features,
    users.columns.map((column) => column.name),
  );
  requireConfigured(users, statics, 'users', 'features.static');
  const aggregated = usedEventColumns(config.features);
  requireConfigured(events, aggregated, 'events', 'features.daily');
  return { engine, config, users, events, statics, used: [...new Set(['event_type', ...aggregated])] };
}

/** The users as user_daily has them. */
export function userColumns({ engine, users, events, statics }: Sources): Sql {
  return sql`SELECT CAST(user_id AS ${raw(idType(users, events))}) AS user_id, ${localDate(engine, users, 'signup_date')} AS signup_date${andColumns(statics)}
    FROM ${users.relation} AS source`;
}

/**
 * A row of user_daily per user and day of `days` (a relation of day numbers in `value`). `only` narrows it: to users by a condition
 * over userColumns, and to the events that these users and days can have, by one over the events.
 */
export function userDays(sources: Sources, days: Sql, only: { users?: Sql; events?: Sql } = {}): Sql {
  const { engine, config, users, events, statics, used } = sources;
  const { daily, activity } = config.features;
  const eachOf = (column: (engine: Engine, name: string, aggregate: DailyAggregate) => Sql) =>
    join(
      Object.entries(daily).map(
        ([name, aggregate]) => sql`, ${column(engine, name, aggregate)} AS ${identifier(name)}`,
      ),
      '',
    );
  return sql`
    WITH events AS (
      SELECT CAST(user_id AS ${raw(idType(users, events))}) AS _unit, ${localDay(engine, events, 'event_time')} AS _day, ${identifiers(used)}
      FROM ${events.relation} AS source
      WHERE event_time IS NOT NULL AND ${only.events ?? raw('TRUE')}
    ), active AS (
      SELECT _unit, _day, CAST(count(*) FILTER (WHERE ${ofTypes(activity)}) AS INTEGER) AS _activity${eachOf(aggregateOf)}
      FROM events GROUP BY _unit, _day
    ), users AS (
      SELECT *, ${engine.dialect.dayNumber(raw('signup_date'))} AS _signup_day
      FROM (${userColumns(sources)}) AS chosen WHERE ${only.users ?? raw('TRUE')}
    )
    SELECT users.user_id, (DATE '1970-01-01' + CAST(days.value AS INTEGER)) AS as_of_date${eachOf(emptyDay)},
      CASE WHEN coalesce(active._activity, 0) > 0 THEN 1 ELSE 0 END AS is_active_day,
      CASE WHEN days.value < users._signup_day THEN 0 ELSE days.value - users._signup_day END AS days_since_signup,
      users.signup_date${andColumns(statics)}
    FROM users
    CROSS JOIN ${days} AS days
    LEFT JOIN active ON active._unit = users.user_id AND active._day = days.value`;
}

/** A condition that holds for events of the given types. */
export function ofTypes(types: EventTypes): Sql {
  if (types === 'all') {
    return raw('TRUE');
  }
  const list = typeof types === 'string' ? [types] : types;
  return sql`event_type IN (${join(list.map((type) => sql`${type}`))})`;
}

/** Refuses configured columns that a source does not have. */
function requireConfigured(
  { columns }: SourceRelation,
  names: readonly string[],
  what: string,
  key: string,
): void {
  const fix = `map them under sources.${what}.columns, or change ${key}`;
  requireColumns(columns, names, `the ${what} (${key})`, fix);
}

function aggregateOf(engine: Engine, _name: string, aggregate: DailyAggregate): Sql {
  if ('count' in aggregate) {
    return sql`CAST(count(*) FILTER (WHERE ${ofTypes(aggregate.count)}) AS INTEGER)`;
  }
  const value = (column: string, type: string) =>
    sql`CASE WHEN ${ofTypes(aggregate.of)} THEN CAST(${identifier(column)} AS ${raw(type)}) END`;
  const number = (column: string) => engine.dialect.nanToNull(value(column, 'DOUBLE'));
  if ('sum' in aggregate) {
    return exactSum(number(aggregate.sum));
  }
  if ('mean' in aggregate) {
    return exactMean(number(aggregate.mean));
  }
  return sql`CAST(count(DISTINCT ${value(aggregate.distinct, 'STRING')}) AS INTEGER)`;
}

/** A day without events: counts and sums are 0, means are null. */
function emptyDay(_engine: Engine, name: string, aggregate: DailyAggregate): Sql {
  const column = sql`active.${identifier(name)}`;
  return 'mean' in aggregate ? column : sql`coalesce(${column}, 0)`;
}

function andColumns(names: readonly string[]): Sql {
  return names.length === 0 ? raw('') : sql`, ${identifiers(names)}`;
}
