import { dayOfNumber } from '../../time.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { EventLog } from './event-log.js';
import type { Expression } from './expression.js';
import type { ColumnFacts, EventFacts, HorizonFacts, LinkFacts, StaticFacts, TypeFacts } from './facts.js';
import { HORIZONS } from './horizon.js';
import type { UserKey } from './user-table.js';

/** The log as proposed: _unit, _day (a number), _type, and its own columns. */
export function logAs(engine: Engine, log: EventLog, userId: Expression): Sql {
  const { time, eventType, where, file } = log;
  const plain = typeof time.value.written === 'string' ? time.value.written : null;
  const type = file.columns.find(({ name }) => name === plain)?.type ?? 'TIMESTAMP';
  const at = engine.dialect.utcTime(raw(`(${time.value.sql})`), type, true);
  const condition = where === null ? raw('') : raw(` WHERE ${where.value.sql}`);
  return sql`(SELECT *, CAST(${raw(userId.sql)} AS STRING) AS _unit, ${engine.dialect.dayNumber(sql`CAST(${at} AS DATE)`)} AS _day,
    CAST(${raw(eventType.value.sql)} AS STRING) AS _type FROM ${file.relation} AS file${condition})`;
}

/** How the keys of a file meet the users of the log. */
export async function countLink(engine: Engine, log: EventLog, key: UserKey): Promise<LinkFacts> {
  const [facts] = await engine.rows<LinkFacts>(sql`
    WITH events AS (SELECT DISTINCT _unit FROM ${logAs(engine, log, key.ofEvents)} AS log WHERE _unit IS NOT NULL),
    users AS (SELECT CAST(${raw(key.ofUsers.sql)} AS STRING) AS _unit FROM ${key.file.relation} AS file),
    known AS (SELECT DISTINCT _unit FROM users WHERE _unit IS NOT NULL)
    SELECT (SELECT count(*) FROM users) AS rows, (SELECT count(*) FROM known) AS "keys",
      (SELECT count(*) FROM events) AS users, (SELECT count(*) FROM events JOIN known USING (_unit)) AS known`);
  return facts;
}

/** The days on which anything happened, as numbers, in order. */
export async function countDays(engine: Engine, events: Sql): Promise<number[]> {
  const found = await engine.rows<{ day: number }>(
    sql`SELECT DISTINCT _day AS day FROM ${events} AS log WHERE _day IS NOT NULL ORDER BY day`,
  );
  return found.map(({ day }) => day);
}

/**
 * What the log tells about users who come back. Gaps are days from one active day of a user to the next.
 * Null when no event has a day.
 */
export async function countEvents(
  engine: Engine,
  events: Sql,
): Promise<Omit<EventFacts, 'types' | 'longestStep'> | null> {
  const [whole] = await engine.rows<{ rows: number; users: number; first: number | null; last: number }>(
    sql`SELECT count(*) AS rows, count(DISTINCT _unit) AS users, min(_day) AS first, max(_day) AS last
      FROM ${events} AS log WHERE _unit IS NOT NULL AND _day IS NOT NULL`,
  );
  if (whole.first === null) {
    return null;
  }
  const { first, last } = whole;
  // Every gap that counts can have become as long as the longest horizon, unless that leaves less than half the days.
  const margin = Math.min(Math.max(...HORIZONS), Math.floor((last - first + 1) / 2));
  const counts = await engine.rows<Record<string, number | null>>(sql`
    WITH days AS (SELECT DISTINCT _unit, _day FROM ${events} AS log WHERE _unit IS NOT NULL AND _day IS NOT NULL),
    gaps AS (SELECT _unit, _day, lead(_day) OVER (PARTITION BY _unit ORDER BY _day) AS _next FROM days),
    users AS (
      SELECT _unit, ${join(HORIZONS.map((days) => perUser(days, last, margin)))},
        count(CASE WHEN ${counted(last, margin)} THEN 1 END) AS returns
      FROM gaps GROUP BY _unit
    )
    SELECT count(CASE WHEN returns > 0 THEN 1 END) AS returning, ${join(HORIZONS.map(overUsers))} FROM users`);
  const [found] = counts;
  return {
    rows: whole.rows,
    users: whole.users,
    first: dayOfNumber(first),
    last: dayOfNumber(last),
    margin,
    returning: found.returning ?? 0,
    horizons: HORIZONS.map(
      (days): HorizonFacts => ({
        days,
        lateReturns: found[`late_${days}`],
        returnedAfter: found[`returned_${days}`],
        userDays: found[`rows_${days}`] ?? 0,
        churned: found[`churned_${days}`] ?? 0,
      }),
    ),
  };
}

/** A gap that ended, and that began early enough. */
function counted(last: number, margin: number): Sql {
  return raw(`_next IS NOT NULL AND _day <= ${last - margin}`);
}

function perUser(days: number, last: number, margin: number): Sql {
  const next = `coalesce(_next, ${last + 100_000})`;
  // Days after an active one, before the next: at risk while within the window, labelled while the horizon has been seen.
  const until = `least(_day + ${days - 1}, ${next} - 1, ${last - days})`;
  const silent = `_day <= ${last - 2 * days} AND ${next} > _day + ${days}`;
  const named: [string, string][] = [
    [`late_${days}`, `count(CASE WHEN _next - _day > ${days} AND _day <= ${last - margin} THEN 1 END)`],
    [`silent_${days}`, `count(CASE WHEN ${silent} THEN 1 END)`],
    [`returned_${days}`, `count(CASE WHEN ${silent} AND _next IS NOT NULL THEN 1 END)`],
    [`rows_${days}`, `sum(greatest(0, ${until} - _day + 1))`],
    [`churned_${days}`, `sum(greatest(0, least(${until}, ${next} - ${days + 1}) - _day + 1))`],
  ];
  return raw(named.map(([name, value]) => `${value} AS ${name}`).join(', '));
}

function overUsers(days: number): Sql {
  return raw(`avg(CASE WHEN returns > 0 THEN late_${days} / CAST(returns AS DOUBLE) END) AS late_${days},
    sum(returned_${days}) / CAST(nullif(sum(silent_${days}), 0) AS DOUBLE) AS returned_${days},
    CAST(sum(rows_${days}) AS DOUBLE) AS rows_${days}, CAST(sum(churned_${days}) AS DOUBLE) AS churned_${days}`);
}

/** Events by type, and where number columns have values. */
export async function countTypes(
  engine: Engine,
  events: Sql,
  numbers: readonly ColumnFacts[],
): Promise<TypeFacts[]> {
  const columns = numbers.map(
    ({ name }, i) =>
      sql`, count(CASE WHEN ${identifier(name)} <> 0 THEN 1 END) AS ${identifier(`nonzero_${i}`)}`,
  );
  const found = await engine.rows<Record<string, number> & { type: string }>(
    sql`SELECT _type AS type, count(*) AS rows${join(columns, '')} FROM ${events} AS log
      WHERE _type IS NOT NULL GROUP BY _type ORDER BY rows DESC, type`,
  );
  return found.map((row) => ({
    type: row.type,
    rows: row.rows,
    nonZero: Object.fromEntries(numbers.map(({ name }, i) => [name, row[`nonzero_${i}`]])),
  }));
}

/** Of some columns of the log: users for whom the column holds one value only. */
export async function countConstant(
  engine: Engine,
  events: Sql,
  columns: readonly string[],
): Promise<Record<string, number>> {
  if (columns.length === 0) {
    return {};
  }
  const [found] = await engine.rows<Record<string, number>>(
    sql`SELECT ${join(columns.map((_, i) => raw(`count(CASE WHEN values_${i} <= 1 THEN 1 END) AS constant_${i}`)))}
      FROM (SELECT _unit, ${join(columns.map((name, i) => sql`count(DISTINCT ${identifier(name)}) AS ${identifier(`values_${i}`)}`))}
        FROM ${events} AS log WHERE _unit IS NOT NULL GROUP BY _unit) AS users`,
  );
  return Object.fromEntries(columns.map((name, i) => [name, found[`constant_${i}`]]));
}

/** For columns of the user table: users by value, and how many of them are silent at the end. */
export async function countGone(
  engine: Engine,
  events: Sql,
  key: UserKey,
  columns: readonly string[],
  days: number,
): Promise<StaticFacts[]> {
  if (columns.length === 0) {
    return [];
  }
  const found = await engine.rows<{ column: number; users: number; gone: number }>(sql`
    WITH seen AS (SELECT _unit, max(_day) AS _last FROM ${events} AS log GROUP BY _unit),
    users AS (
      SELECT file.*, CASE WHEN _last > (SELECT max(_last) FROM seen) - ${raw(String(days))} THEN 0 ELSE 1 END AS _gone
      FROM ${key.file.relation} AS file JOIN seen ON seen._unit = CAST(${raw(key.ofUsers.sql)} AS STRING)
    )
    ${join(
      columns.map(
        (
          name,
          i,
        ) => sql`SELECT ${raw(String(i))} AS "column", count(*) AS users, CAST(sum(_gone) AS DOUBLE) AS gone
          FROM users GROUP BY ${identifier(name)}`,
      ),
      ' UNION ALL ',
    )}`);
  return columns.map((column, i) => ({
    column,
    values: found.filter((item) => item.column === i).map(({ users, gone }) => ({ users, gone })),
  }));
}
