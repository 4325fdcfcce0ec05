import { identifier, raw, sql } from '../engine/sql.js';
import { type Check, type CheckContext, EXAMPLES, type Problem } from './check.js';

export const duplicates: Check = {
  id: 'duplicates',
  title: 'every user and every event stands once',
  severity: 'error',
  run: async (context) => [
    ...(await repeated(context, 'users', 'user_id')),
    ...(context.events.columns.some((column) => column.name === 'event_id')
      ? await repeated(context, 'events', 'event_id')
      : []),
  ],
};

async function repeated(
  context: CheckContext,
  source: 'users' | 'events',
  key: string,
): Promise<Omit<Problem, 'check'>[]> {
  const id = identifier(key);
  const shown = await context.engine.rows<{ id: string; times: number; ids: number }>(
    sql`SELECT CAST(${id} AS STRING) AS id, count(*) AS times, count(*) OVER () AS ids
      FROM ${context[source].relation} AS source WHERE ${id} IS NOT NULL
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
