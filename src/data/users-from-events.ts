import type { SourceConfig } from '../config/schema.js';
import { ChurnError } from '../error.js';
import { identifier, join, raw, type Sql, sql } from './engine/sql.js';
import type { SourceRelation } from './sources.js';

/**
 * Users where nobody keeps a table of them: everyone who has an event, signed up on the day of the first. A named column
 * has the value of that first event (the smallest, where several are the first), so that no past day knows what came
 * later. An SQL expression is an aggregate over all events of the user.
 * @param time when an event happened, as the clocks of the configured zone show it: a TIMESTAMP, or null
 * @throws data.column_missing when the events lack a named column
 */
export function usersFromEvents(events: SourceRelation, source: SourceConfig, time: Sql): Sql {
  const columns = { signup_date: { sql: 'CAST(min(_time) AS DATE)' }, ...source.columns };
  const made = Object.entries(columns).map(([ours, theirs]) =>
    typeof theirs === 'object'
      ? sql`${raw(`(${theirs.sql}\n)`)} AS ${identifier(ours)}`
      : sql`min(CASE WHEN _time = _first_time THEN ${eventColumn(events, ours, theirs)} END) AS ${identifier(ours)}`,
  );
  const timed = sql`SELECT *, ${time} AS _time FROM ${events.relation} AS source WHERE user_id IS NOT NULL`;
  // Only named columns ask for the first time, which takes a sort by user.
  const named = Object.values(columns).some((theirs) => typeof theirs === 'string');
  const known = named
    ? sql`SELECT *, min(_time) OVER (PARTITION BY user_id) AS _first_time FROM (${timed}) AS timed`
    : timed;
  const where = source.where ? raw(` WHERE (${source.where}\n)`) : raw('');
  return sql`(SELECT * FROM (
      SELECT user_id, ${join(made)} FROM (${known}) AS events GROUP BY user_id
    ) AS users${where})`;
}

function eventColumn(events: SourceRelation, ours: string, theirs: string): Sql {
  if (!events.columns.some((column) => column.name === theirs)) {
    throw new ChurnError('data.column_missing', {
      expected: `a column "${theirs}" in the events (sources.users.columns.${ours})`,
      came: `the columns ${events.columns.map((column) => column.name).join(', ')}`,
    });
  }
  return identifier(theirs);
}
