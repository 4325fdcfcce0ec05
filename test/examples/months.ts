import assert from 'node:assert/strict';
import { type Sql, sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import type { PipelineRun } from './counts.js';

/** Aggregates of user_daily by month, against those counted from the raw file by pandas; money to the cent. */
export async function sameMonths(
  { engine, layout }: PipelineRun,
  columns: Sql,
  outside: Record<string, Record<string, number>>,
): Promise<void> {
  const rows = await engine.rows<{ month: string } & Record<string, number>>(
    sql`SELECT strftime(as_of_date, '%Y-%m') AS month, count(DISTINCT CASE WHEN is_active_day = 1 THEN user_id END) AS customers,
        CAST(sum(is_active_day) AS BIGINT) AS customer_days, ${columns}
      FROM ${readTable(engine, layout.userDaily)} GROUP BY month ORDER BY month`,
  );
  assert.deepEqual(
    rows.map(({ month }) => month),
    Object.keys(outside),
  );
  for (const { month, ...told } of rows) {
    for (const [name, value] of Object.entries(outside[month])) {
      assert.ok(Math.abs(told[name] - value) < 0.006, `${name} of ${month}: ${told[name]}, outside ${value}`);
    }
  }
}
