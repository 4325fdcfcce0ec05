import type { Config, LabelConfig } from '../../config/schema.js';
import { ChurnError } from '../../error.js';
import { dayOfNumber } from '../../time.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import { betweenDays } from '../population.js';
import { dayList } from '../refresh/write-table.js';
import { idType, localDay, openSource, type SourceRelation } from '../sources.js';
import { readTable } from '../tables.js';
import type { StepContext } from './step.js';
import { ofTypes } from './user-days.js';

/** Rows of labels_daily in no order. */
export async function labelQuery(context: StepContext): Promise<Sql> {
  const { label } = context.config;
  const ahead = horizonAhead(label);
  const active = await activeDays(context);
  const seen = seenDays(context, active);
  const matured = maturedDays(label);
  switch (label.kind) {
    case 'inactivity':
      return inactivityLabels(context, active);
    case 'date':
      return sql`${seen}, churns AS (${await churnDates(context, label)})
        SELECT seen.user_id, as_of_date, future_active_days,
          CASE WHEN churn_idx <= day_idx + ${label.horizon_days} THEN 1 ELSE 0 END AS churn_label,
          CASE WHEN churn_idx <= day_idx + ${label.horizon_days} THEN kind END AS churn_kind
        FROM seen LEFT JOIN churns ON churns.user_id = seen.user_id
        WHERE ${matured} AND (churn_idx IS NULL OR churn_idx > day_idx)`;
    case 'event':
      return sql`${seen}, ${await churnEvents(context, label, ahead)}
        SELECT seen.user_id, as_of_date, future_active_days,
          CASE WHEN next_churn_idx IS NULL THEN 0 ELSE 1 END AS churn_label, next_kinds.kind AS churn_kind
        FROM seen
        JOIN around ON around.user_id = seen.user_id AND around.day_idx = seen.day_idx
        LEFT JOIN churn_days AS next_kinds ON next_kinds.user_id = seen.user_id AND next_kinds.day_idx = around.next_churn_idx
        WHERE ${matured} AND (last_churn_idx IS NULL OR last_other_idx > last_churn_idx)`;
  }
}

/** Which rows are wanted; without any choice all of them. */
interface Choice {
  days?: readonly number[];
  /** The days that are not wanted. */
  otherDays?: readonly number[];
  users?: Sql;
}

export function inactivityLabels(context: StepContext, active: ActiveDays, choice: Choice = {}): Sql {
  const { days, otherDays = [] } = choice;
  const wanted = days
    ? sql` AND as_of_date IN (${dayList(days)})`
    : otherDays.length > 0
      ? sql` AND as_of_date NOT IN (${dayList(otherDays)})`
      : raw('');
  return sql`${seenDays(context, active, choice)}
    SELECT user_id, as_of_date, future_active_days, CASE WHEN future_active_days = 0 THEN 1 ELSE 0 END AS churn_label
    FROM seen WHERE ${maturedDays(context.config.label)}${wanted}`;
}

/** The tables `days` and `seen`: user-days with the active days of the horizon after them. */
function seenDays(
  { config, layout, engine }: StepContext,
  active: ActiveDays,
  { days, users }: Choice = {},
): Sql {
  const read = [
    ...(days
      ? [
          betweenDays(
            sql`as_of_date`,
            dayOfNumber(days[0]),
            dayOfNumber(days[days.length - 1] + config.label.horizon_days + 1),
          ),
        ]
      : []),
    ...(users ? [users] : []),
  ];
  return sql`
    WITH days AS (
      SELECT user_id, as_of_date, ${engine.dialect.dayNumber(sql`as_of_date`)} AS day_idx, is_active_day
      FROM ${readTable(engine, layout.userDaily)} AS daily WHERE ${read.length > 0 ? join(read, ' AND ') : raw('TRUE')}
    ), flagged AS (
      SELECT days.user_id, as_of_date, days.day_idx, ${active.flag} AS counts
      FROM days${active.join}
    ), seen AS (
      SELECT user_id, as_of_date, day_idx, max(day_idx) OVER (PARTITION BY user_id) AS last_idx,
        CAST(sum(counts) OVER (PARTITION BY user_id ORDER BY day_idx ${horizonAhead(config.label)}) AS BIGINT) AS future_active_days
      FROM flagged
    )`;
}

function horizonAhead(label: LabelConfig): Sql {
  return raw(`ROWS BETWEEN 1 FOLLOWING AND ${label.horizon_days} FOLLOWING`);
}

function maturedDays(label: LabelConfig): Sql {
  return raw(`seen.day_idx + ${label.horizon_days} <= seen.last_idx`);
}

/** Which days count as activity: a flag over the user-days, and what is joined to them for it. */
interface ActiveDays {
  flag: Sql;
  join: Sql;
}

/** A day counts when is_active_day says so. */
export const ACTIVITY: ActiveDays = { flag: raw('is_active_day'), join: raw('') };

/** Whether labels need no more than user_daily. */
export function isByActivity({ label, features }: Config): boolean {
  return (
    label.kind === 'inactivity' &&
    JSON.stringify(label.events ?? features.activity) === JSON.stringify(features.activity)
  );
}

/** is_active_day, or a join to the events when label.events names others. */
async function activeDays(context: StepContext): Promise<ActiveDays> {
  const { label } = context.config;
  if (label.kind !== 'inactivity' || label.events === undefined || isByActivity(context.config)) {
    return ACTIVITY;
  }
  const events = await eventsByDay(context);
  return {
    flag: sql`CASE WHEN counted.user_id IS NULL THEN 0 ELSE 1 END`,
    join: sql` LEFT JOIN (SELECT DISTINCT user_id, day_idx FROM (${events}) AS events WHERE ${ofTypes(label.events)}) AS counted
      ON counted.user_id = days.user_id AND counted.day_idx = days.day_idx`,
  };
}

export async function bothSources({ config, layout, engine }: StepContext): Promise<SourceRelation[]> {
  return [
    await openSource(engine, config, layout.root, 'users'),
    await openSource(engine, config, layout.root, 'events'),
  ];
}

async function eventsByDay(context: StepContext): Promise<Sql> {
  const { engine } = context;
  const [users, events] = await bothSources(context);
  return sql`SELECT CAST(user_id AS ${raw(idType(users, events))}) AS user_id, ${localDay(engine, events, 'event_time')} AS day_idx, event_type
    FROM ${events.relation} AS source WHERE event_time IS NOT NULL`;
}

async function churnDates(context: StepContext, label: LabelConfig & { kind: 'date' }): Promise<Sql> {
  const { engine } = context;
  const [users, events] = await bothSources(context);
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
      ${localDay(engine, users, label.column)} AS churn_idx, ${kind} AS kind
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
