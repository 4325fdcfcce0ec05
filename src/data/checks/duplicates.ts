import { identifier, raw, type Sql, sql } from '../engine/sql.js';
import { isMost } from '../refresh/plan.js';
import { isOnDays, isUndated } from '../sources.js';
import { type Check, type CheckContext, EXAMPLES, type Problem } from './check.js';

export const duplicates: Check = {
  id: 'duplicates',
  title: 'every user and every event stands once',
  severity: 'error',
  run: async (context) => [
    ...(await repeated(context, 'users', 'user_id', raw('user_id IS NOT NULL'))),
    ...(context.events.columns.some((column) => column.name === 'event_id')
      ? await repeated(context, 'events', 'event_id', mayRepeat(context))
      : []),
  ],
};

/** Where no id repeated before, one that repeats now is there on a changed day: no other needs to be counted. */
function mayRepeat({ engine, events, changedDays, days }: CheckContext): Sql {
  if (changedDays === null || isMost(changedDays.length, days.length)) {
    return raw('event_id IS NOT NULL');
  }
  const idsWhere = (which: Sql) => sql`SELECT event_id FROM ${events.relation} AS source WHERE ${which}`;
  const changed = idsWhere(isOnDays(engine, events, 'event_time', changedDays, true));
  const undated = idsWhere(isUndated(engine, events, 'event_time'));
  return sql`event_id IN (${changed} UNION ALL ${undated})`;
}

async function repeated(
  context: CheckContext,
  source: 'users' | 'events',
  key: string,
  which: Sql,
): Promise<Omit<Problem, 'check'>[]> {
  const id = identifier(key);
  const shown = await context.engine.rows<{ id: string; times: number; ids: number }>(
    sql`SELECT CAST(${id} AS STRING) AS id, count(*) AS times, count(*) OVER () AS ids
      FROM ${context[source].relation} AS source WHERE ${which}
      GROUP BY ${id} HAVING count(*) > 1 ORDER BY times DESC, id LIMIT ${raw(String(EXAMPLES))}`,
    context.signal,
  );
  if (shown.length === 0) {
    return [];
  }
  const rows = shown[0].ids;
  return [
    {
      severity: duplicates.severity,
      source,
      message: `expected every ${key} once; got ${rows} that repeat`,
      rows,
      examples: shown.map((row) => `${row.id} (${row.times} times)`),
    },
  ];
}
