import type { LabelConfig } from '../../config/schema.js';
import { ChurnError } from '../../error.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import { idType, openSource, utcDay } from '../sources.js';
import { readTable, requireTable } from '../tables.js';
import { ofTypes } from './prepare.js';
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
    const { config, layout, engine, signal } = context;
    await requireTable(layout.userDaily, 'prepare');
    const rows = await engine.write(
      await labelQuery(context),
      layout.labelsDaily,
      layout.format,
      signal,
      () =>
        new ChurnError('data.insufficient', {
          expected: `more than ${config.label.horizon_days} days of events`,
          came: 'fewer: no horizon has been seen to its end',
          fix: 'wait for more data, or shorten label.horizon_days',
        }),
    );
    const [{ churned, first, last }] = await engine.rows<{ churned: number; first: string; last: string }>(
      sql`SELECT CAST(sum(churn_label) AS BIGINT) AS churned, min(as_of_date) AS first, max(as_of_date) AS last FROM ${readTable(engine, layout.labelsDaily)}`,
    );
    return {
      reads: [{ path: layout.userDaily }],
      writes: [{ path: layout.labelsDaily, rows }],
      result: { rows, churned, churn_rate: churned / rows, from: first, to: last },
    };
  },
};

async function labelQuery(context: StepContext): Promise<Sql> {
  const { config, layout, engine } = context;
  const { label } = config;
  const days = sql`SELECT user_id, as_of_date, ${engine.dialect.dayNumber(sql`as_of_date`)} AS day_idx, is_active_day FROM ${readTable(engine, layout.userDaily)}`;
  const active = await activeDays(context);
  const ahead = raw(`ROWS BETWEEN 1 FOLLOWING AND ${label.horizon_days} FOLLOWING`);
  const seen = sql`
    WITH days AS (${days}), flagged AS (
      SELECT days.user_id, as_of_date, days.day_idx, ${active.flag} AS counts
      FROM days${active.join}
    ), seen AS (
      SELECT user_id, as_of_date, day_idx, max(day_idx) OVER (PARTITION BY user_id) AS last_idx,
        CAST(sum(counts) OVER (PARTITION BY user_id ORDER BY day_idx ${ahead}) AS BIGINT) AS future_active_days
      FROM flagged
    )`;
  const matured = raw(`seen.day_idx + ${label.horizon_days} <= seen.last_idx`);
  switch (label.kind) {
    case 'inactivity':
      return sql`${seen}
        SELECT user_id, as_of_date, future_active_days, CASE WHEN future_active_days = 0 THEN 1 ELSE 0 END AS churn_label
        FROM seen WHERE ${matured} ORDER BY as_of_date, user_id`;
    case 'date':
      return sql`${seen}, churns AS (${await churnDates(context, label)})
        SELECT seen.user_id, as_of_date, future_active_days,
          CASE WHEN churn_idx <= day_idx + ${label.horizon_days} THEN 1 ELSE 0 END AS churn_label,
          CASE WHEN churn_idx <= day_idx + ${label.horizon_days} THEN kind END AS churn_kind
        FROM seen LEFT JOIN churns ON churns.user_id = seen.user_id
        WHERE ${matured} AND (churn_idx IS NULL OR churn_idx > day_idx) ORDER BY as_of_date, seen.user_id`;
    case 'event':
      return sql`${seen}, ${await churnEvents(context, label, ahead)}
        SELECT seen.user_id, as_of_date, future_active_days,
          CASE WHEN next_churn_idx IS NULL THEN 0 ELSE 1 END AS churn_label, next_kinds.kind AS churn_kind
        FROM seen
        JOIN around ON around.user_id = seen.user_id AND around.day_idx = seen.day_idx
        LEFT JOIN churn_days AS next_kinds ON next_kinds.user_id = seen.user_id AND next_kinds.day_idx = around.next_churn_idx
        WHERE ${matured} AND (last_churn_idx IS NULL OR last_other_idx > last_churn_idx) ORDER BY as_of_date, seen.user_id`;
  }
}

/** The flag of days that count as activity: is_active_day, or a join to the events when label.events names others. */
async function activeDays(context: StepContext): Promise<{ flag: Sql; join: Sql }> {
  const { label, features } = context.config;
  const types = (label.kind === 'inactivity' ? label.events : undefined) ?? features.activity;
  if (JSON.stringify(types) === JSON.stringify(features.activity)) {
    return { flag: raw('is_active_day'), join: raw('') };
  }
  const events = await eventsByDay(context);
  return {
    flag: sql`CASE WHEN counted.user_id IS NULL THEN 0 ELSE 1 END`,
    join: sql` LEFT JOIN (SELECT DISTINCT user_id, day_idx FROM (${events}) AS events WHERE ${ofTypes(types)}) AS counted
      ON counted.user_id = days.user_id AND counted.day_idx = days.day_idx`,
  };
}

async function eventsByDay(context: StepContext): Promise<Sql> {
  const { config, layout, engine } = context;
  const users = await openSource(engine, config, layout.root, 'users');
  const events = await openSource(engine, config, layout.root, 'events');
  return sql`SELECT CAST(user_id AS ${raw(idType(users, events))}) AS user_id, ${utcDay(engine, events, 'event_time')} AS day_idx, event_type
    FROM ${events.relation} AS source WHERE event_time IS NOT NULL`;
}

async function churnDates(context: StepContext, label: LabelConfig & { kind: 'date' }): Promise<Sql> {
  const { config, layout, engine } = context;
  const users = await openSource(engine, config, layout.root, 'users');
  const events = await openSource(engine, config, layout.root, 'events');
  for (const name of [label.column, label.kind_column]) {
    if (name !== undefined && !users.columns.some((column) => column.name === name)) {
      throw new ChurnError('data.column_missing', {
        expected: `"${name}" in the users (label.${name === label.column ? 'column' : 'kind_column'})`,
        came: `the columns ${users.columns.map((column) => column.name).join(', ')}`,
      });
    }
  }
  const kind =
    label.kind_column === undefined
      ? sql`'voluntary'`
      : sql`CAST(${identifier(label.kind_column)} AS STRING)`;
  return sql`SELECT CAST(user_id AS ${raw(idType(users, events))}) AS user_id,
      ${utcDay(engine, users, label.column)} AS churn_idx, ${kind} AS kind
    FROM ${users.relation} AS source`;
}

/** Per user-day: the next churn event within the horizon, the last one, and the last activity that is none. */
async function churnEvents(
  context: StepContext,
  label: LabelConfig & { kind: 'event' },
  ahead: Sql,
): Promise<Sql> {
  const { config } = context;
  const kinds = Object.entries(label.events);
  const kind = join(
    kinds.map(([type, name]) => sql`WHEN event_type = ${type} THEN ${name}`),
    ' ',
  );
  const isChurn = ofTypes(kinds.map(([type]) => type) as [string, ...string[]]);
  return sql`events AS (${await eventsByDay(context)}), churn_days AS (
      SELECT user_id, day_idx, min(CASE ${kind} END) AS kind FROM events WHERE ${isChurn} GROUP BY user_id, day_idx
    ), other_days AS (
      SELECT DISTINCT user_id, day_idx FROM events WHERE ${ofTypes(config.features.activity)} AND NOT ${isChurn}
    ), around AS (
      SELECT days.user_id, days.day_idx,
        min(churn_days.day_idx) OVER (PARTITION BY days.user_id ORDER BY days.day_idx ${ahead}) AS next_churn_idx,
        max(churn_days.day_idx) OVER (PARTITION BY days.user_id ORDER BY days.day_idx ROWS UNBOUNDED PRECEDING) AS last_churn_idx,
        max(other_days.day_idx) OVER (PARTITION BY days.user_id ORDER BY days.day_idx ROWS UNBOUNDED PRECEDING) AS last_other_idx
      FROM days
      LEFT JOIN churn_days ON churn_days.user_id = days.user_id AND churn_days.day_idx = days.day_idx
      LEFT JOIN other_days ON other_days.user_id = days.user_id AND other_days.day_idx = days.day_idx
    )`;
}
