import { columnLayout } from '../../config/columns.js';
import type { DailyAggregate, EventTypes } from '../../config/features.js';
import { ChurnError } from '../../error.js';
import { dayOfNumber } from '../../time.js';
import { usedEventColumns } from '../columns-used.js';
import type { Engine } from '../engine/engine.js';
import { identifier, identifiers, join, raw, type Sql, sql } from '../engine/sql.js';
import { idType, openSource, type SourceRelation, utcDate, utcDay } from '../sources.js';
import { exactMean, exactSum } from './exact-sum.js';
import type { Step } from './step.js';

/** user_daily: one row per user and day from the first to the last day with an event. */
export const prepare: Step = {
  id: 'prepare',
  title: 'one row per user and day',
  reads: ['sources.users', 'sources.events'],
  writes: ['data/processed/user_daily'],
  run: async ({ config, layout, engine, signal }) => {
    const users = await openSource(engine, config, layout.root, 'users');
    const events = await openSource(engine, config, layout.root, 'events');
    const range = await eventRange(engine, events);
    const statics = columnLayout(
      config.features,
      users.columns.map((column) => column.name),
    ).statics;
    requireColumns(users, statics, 'users', 'features.static');
    const aggregated = usedEventColumns(config.features);
    requireColumns(events, aggregated, 'events', 'features.daily');
    const used = [...new Set(['event_type', ...aggregated])];

    const id = idType(users, events);
    const eachOf = (column: (engine: Engine, name: string, aggregate: DailyAggregate) => Sql) =>
      join(
        Object.entries(config.features.daily).map(
          ([name, aggregate]) => sql`, ${column(engine, name, aggregate)} AS ${identifier(name)}`,
        ),
        '',
      );
    const query = sql`
      WITH events AS (
        SELECT CAST(user_id AS ${raw(id)}) AS _unit, ${utcDay(engine, events, 'event_time')} AS _day, ${identifiers(used)}
        FROM ${events.relation} AS source
        WHERE event_time IS NOT NULL
      ), active AS (
        SELECT _unit, _day, CAST(count(*) FILTER (WHERE ${ofTypes(config.features.activity)}) AS INTEGER) AS _activity${eachOf(aggregateOf)}
        FROM events GROUP BY _unit, _day
      ), users AS (
        SELECT CAST(user_id AS ${raw(id)}) AS _unit, ${utcDate(engine, users, 'signup_date')} AS signup_date,
          ${utcDay(engine, users, 'signup_date')} AS _signup_day${andColumns(statics)}
        FROM ${users.relation} AS source
      )
      SELECT users._unit AS user_id, (DATE '1970-01-01' + CAST(days.value AS INTEGER)) AS as_of_date${eachOf(emptyDay)},
        CASE WHEN coalesce(active._activity, 0) > 0 THEN 1 ELSE 0 END AS is_active_day,
        CASE WHEN days.value < users._signup_day THEN 0 ELSE days.value - users._signup_day END AS days_since_signup,
        users.signup_date${andColumns(statics)}
      FROM users
      CROSS JOIN ${engine.dialect.series(raw(String(range.first)), raw(String(range.last)))} AS days
      LEFT JOIN active ON active._unit = users._unit AND active._day = days.value
      ORDER BY users._unit, days.value`;
    const rows = await engine.write(
      query,
      layout.userDaily,
      layout.format,
      signal,
      () => new ChurnError('data.empty', { expected: 'users', came: `none in ${users.path}` }),
    );
    return {
      reads: [{ path: users.path }, { path: events.path, rows: range.rows }],
      writes: [{ path: layout.userDaily, rows }],
      result: {
        rows,
        users: rows / (range.last - range.first + 1),
        events: range.rows,
        from: dayOfNumber(range.first),
        to: dayOfNumber(range.last),
      },
    };
  },
};

/** First and last day with an event, as day numbers. @throws data.empty when there is none. */
export async function eventRange(
  engine: Engine,
  events: SourceRelation,
): Promise<{ first: number; last: number; rows: number }> {
  const [range] = await engine.rows<{ first: number | null; last: number | null; rows: number }>(
    sql`SELECT min(_day) AS first, max(_day) AS last, count(*) AS rows
      FROM (SELECT ${utcDay(engine, events, 'event_time')} AS _day FROM ${events.relation} AS source) AS days`,
  );
  if (range.first === null || range.last === null) {
    throw new ChurnError('data.empty', { expected: 'events', came: `none in ${events.path}` });
  }
  return { first: range.first, last: range.last, rows: range.rows };
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
function requireColumns(source: SourceRelation, names: readonly string[], what: string, key: string): void {
  const there = source.columns.map((column) => column.name);
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length > 0) {
    throw new ChurnError('data.column_missing', {
      expected: `${missing.map((name) => `"${name}"`).join(', ')} in the ${what} (${key})`,
      came: `the columns ${there.join(', ')}`,
      fix: `map them under sources.${what}.columns, or change ${key}`,
    });
  }
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
