import assert from 'node:assert/strict';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { addDays, type Day } from '../../src/time.js';
import { activeDays, outsideCounts, type PipelineRun, rawFile, recountLabels } from './counts.js';

/** Daily clicks and active students of a presentation, against those counted from the raw file by pandas. */
export async function sameSums({ engine, layout }: PipelineRun, presentation: string): Promise<void> {
  const outside = outsideCounts().oulad[presentation];
  const rows = await engine.rows<{ day: Day; clicks: number; students: number }>(
    sql`SELECT as_of_date AS day, sum(clicks) AS clicks, CAST(sum(is_active_day) AS BIGINT) AS students
      FROM ${readTable(engine, layout.userDaily)} WHERE user_id LIKE ${`${presentation}-%`}
      GROUP BY as_of_date ORDER BY as_of_date`,
  );
  const days = outside.clicks.map((_, i) => addDays(outside.first, i));
  const within = rows.filter(({ day }) => day >= days[0] && day <= (days.at(-1) as Day));
  assert.deepEqual(
    within.map(({ day }) => day),
    days,
  );
  assert.deepEqual(
    within.map(({ clicks }) => clicks),
    outside.clicks,
  );
  assert.deepEqual(
    within.map(({ students }) => students),
    outside.students,
  );
  for (const { clicks, students } of rows.filter((row) => !within.includes(row))) {
    assert.deepEqual([clicks, students], [0, 0]);
  }
}

/** 200 cells of the labels, against the raw clicks of a module. */
export async function sameLabels(run: PipelineRun, module: string): Promise<void> {
  const active = await activeDays(
    run.engine,
    sql`SELECT DISTINCT concat_ws('-', code_module, code_presentation, id_student) AS unit, CAST(event_date AS DATE) AS day
      FROM read_parquet(${rawFile('oulad', 'vle_events.parquet')}) WHERE code_module = ${module}`,
  );
  const { churned, stayed } = await recountLabels(run, active, 200, 20261126);
  assert.ok(churned > 20 && stayed > 20, `${churned} churned, ${stayed} stayed`);
}
