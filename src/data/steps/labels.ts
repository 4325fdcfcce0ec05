import { ChurnError } from '../../error.js';
import { sql } from '../engine/sql.js';
import { daysAround } from '../refresh/plan.js';
import { type DailyRecipe, refreshTable } from '../refresh/refresh-table.js';
import { readState } from '../refresh/table-state.js';
import { filesVersion, idOf, settingsVersion } from '../refresh/versions.js';
import type { DailyTable } from '../refresh/write-table.js';
import { readTable, requireTable } from '../tables.js';
import { ACTIVITY, bothSources, inactivityLabels, isByActivity, labelQuery } from './label-rows.js';
import type { Step, StepContext } from './step.js';

/**
 * labels_daily: whether the user of a row churned within the horizon after as_of_date. A row exists only once the whole
 * horizon has been seen. By inactivity every user-day gets one; by event or date, days after the churn get none.
 */
export const labels: Step = {
  id: 'labels',
  title: 'what happened within the horizon',
  reads: ['data/processed/user_daily', 'sources.users', 'sources.events'],
  writes: ['data/processed/labels_daily'],
  run: async (context) => {
    const { config, layout, engine, signal, rebuild } = context;
    await requireTable(layout.userDaily, 'prepare');
    const table: DailyTable = {
      engine,
      path: layout.labelsDaily,
      format: layout.format,
      signal,
      ifEmpty: () =>
        new ChurnError('data.insufficient', {
          expected: `more than ${config.label.horizon_days} days of events`,
          came: 'fewer: no horizon has been seen to its end',
          fix: 'wait for more data, or shorten label.horizon_days',
        }),
    };
    const recipe = await recipeOf(context);
    const old = await readState(table.path, table.format);
    const refreshed = await refreshTable(table, recipe, old, rebuild);
    const [{ rows, churned, first, last }] = await engine.rows<{
      rows: number;
      churned: number;
      first: string;
      last: string;
    }>(
      sql`SELECT count(*) AS rows, CAST(sum(churn_label) AS BIGINT) AS churned, min(as_of_date) AS first, max(as_of_date) AS last FROM ${readTable(engine, layout.labelsDaily)}`,
    );
    return {
      reads: [{ path: layout.userDaily }],
      writes: [{ path: layout.labelsDaily, rows }],
      result: { rows, churned, churn_rate: churned / rows, from: first, to: last },
      refreshed,
    };
  },
};

/**
 * A label by inactivity looks at the days of its horizon. Others look at the sources too, at all that went before or at columns of
 * the users, and are made whole when any of that changed: labels are cheap.
 */
async function recipeOf(context: StepContext): Promise<DailyRecipe> {
  const { config, layout, engine } = context;
  const horizon = config.label.horizon_days;
  const made = await readState(layout.userDaily, layout.format);
  const sources = isByActivity(config) ? [] : await bothSources(context);
  const files = isByActivity(config) ? null : await filesVersion(engine, sources);
  const query = await labelQuery(context);
  const columns = [await engine.describe(sql`SELECT * FROM ${readTable(engine, layout.userDaily)}`)];
  const settings = settingsVersion(
    context,
    query,
    columns,
    sources.map((source) => source.columns),
    made?.settings,
  );
  const common = { settings, files, whole: () => sql`${query} ORDER BY as_of_date, user_id` };
  // Sources without files may have changed: then nothing is known of what the labels were made from.
  if (made === null || (files === null && !isByActivity(config))) {
    return { ...common, inputs: null, outputs: null, parts: null };
  }
  const { users, first, days } = made.outputs;
  const matured = days.slice(0, Math.max(0, days.length - horizon));
  const inputs = { users, first, days: days.map((day) => idOf([day, files])) };
  const outputs = { users, first, days: matured.map((_, i) => idOf(inputs.days.slice(i, i + horizon + 1))) };
  const parts: DailyRecipe['parts'] = {
    daysOf: (changed) =>
      daysAround(changed, { from: -horizon, to: -1 }, { first, last: first + matured.length - 1 }),
    rows: (chosen) => inactivityLabels(context, ACTIVITY, { days: chosen }),
    newUsers: (chosen, known) =>
      inactivityLabels(context, ACTIVITY, { users: sql`user_id NOT IN (${known})`, otherDays: chosen }),
  };
  return { ...common, inputs, outputs, parts: isByActivity(config) ? parts : null };
}
