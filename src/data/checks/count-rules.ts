import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import { idType, localDate, type SourceName } from '../sources.js';
import { type CheckContext, EXAMPLES, type RowRule } from './check.js';

export interface RuleCount {
  rows: number;
  /** Rows of the source. */
  all: number;
  examples: string[];
}

/** Counts the wrong rows of every rule in one scan of each source, and fetches examples where there are any. */
export async function countRules(
  context: CheckContext,
  rules: readonly RowRule[],
): Promise<Map<RowRule, RuleCount>> {
  const counts = new Map<RowRule, RuleCount>();
  for (const source of ['users', 'events'] as const) {
    const own = rules.filter((rule) => rule.source === source);
    if (own.length === 0) {
      continue;
    }
    const from = relationOf(context, source);
    const columns = own.map(
      ({ condition }, i) => sql`, count(CASE WHEN ${condition} THEN 1 END) AS ${identifier(`rule_${i}`)}`,
    );
    const [found] = await context.engine.rows<Record<string, number>>(
      sql`SELECT count(*) AS all_rows${join(columns, '')} FROM ${from}`,
      context.signal,
    );
    for (const [i, rule] of own.entries()) {
      const rows = found[`rule_${i}`];
      const examples = rows === 0 ? [] : await examplesOf(context, from, rule);
      counts.set(rule, { rows, all: found.all_rows, examples });
    }
  }
  return counts;
}

async function examplesOf(context: CheckContext, from: Sql, rule: RowRule): Promise<string[]> {
  const shown = await context.engine.rows<{ example: string | null }>(
    sql`SELECT CAST(${rule.example} AS STRING) AS example FROM ${from} WHERE ${rule.condition} LIMIT ${raw(String(EXAMPLES))}`,
    context.signal,
  );
  return shown.map((row) => row.example ?? 'null');
}

/** Users as they are; events with what the user table says about their user. */
function relationOf(context: CheckContext, source: SourceName): Sql {
  const { engine, users, events } = context;
  if (source === 'users') {
    return sql`${users.relation} AS source`;
  }
  const id = raw(idType(users, events));
  return sql`${events.relation} AS source LEFT JOIN (
      SELECT CAST(user_id AS ${id}) AS known_user, min(${localDate(engine, users, 'signup_date', true)}) AS known_signup
      FROM ${users.relation} AS people WHERE user_id IS NOT NULL GROUP BY CAST(user_id AS ${id})
    ) AS known ON known.known_user = CAST(source.user_id AS ${id})`;
}
