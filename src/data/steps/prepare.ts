import { ChurnError } from '../../error.js';
import { dayOfNumber } from '../../time.js';
import type { Engine } from '../engine/engine.js';
import { raw, type Sql, sql } from '../engine/sql.js';
import { type EventDaysRequest, eventDays } from '../event-days.js';
import { type DailyRecipe, type Refreshed, refreshTable, usersOf } from '../refresh/refresh-table.js';
import { readState, type TableState } from '../refresh/table-state.js';
import { filesVersion, idOf, settingsVersion, usersVersion } from '../refresh/versions.js';
import type { DailyTable } from '../refresh/write-table.js';
import { idType, isDay, isOnDays, localDay, type SourceRelation } from '../sources.js';
import { countRows } from '../tables.js';
import type { Step, StepOutcome } from './step.js';
import { openSources, type Sources, userColumns, userDays } from './user-days.js';

/** user_daily: one row per user and day from the first to the last day with an event. */
export const prepare: Step = {
  id: 'prepare',
  title: 'one row per user and day',
  reads: ['sources.users', 'sources.events'],
  writes: ['data/processed/user_daily'],
  run: async (context) => {
    const { config, layout, engine, signal, rebuild } = context;
    const sources = await openSources(context);
    const { users, events } = sources;
    const table: DailyTable = {
      engine,
      path: layout.userDaily,
      format: layout.format,
      signal,
      ifEmpty: () => new ChurnError('data.empty', { expected: 'users', came: `none in ${users.path}` }),
    };
    const settings = settingsVersion(context, userDays(sources, raw('days')), users.columns, events.columns);
    const files = await filesVersion(engine, [users, events]);
    const old = await readState(table.path, table.format);
    const isKnown = files !== null && old?.files === files && old.settings === settings;
    if (isKnown && rebuild === undefined) {
      const why = 'sources and settings are the same';
      return outcomeOf(sources, table, old, { done: 'skipped', why, settings, inputs: idOf(old.inputs) });
    }
    const { first, last, rows, days } = await requireDays({ engine, config, events, files, signal });
    const known = old && { version: old.inputs.users, ids: usersOf(table, old) };
    const inputs = { first, days, users: await usersVersion(engine, userColumns(sources), known) };
    const range = engine.dialect.series(raw(String(first)), raw(String(last)));
    const chosenDays = (which: Sql) => sql`(SELECT value FROM ${range} AS days WHERE ${which})`;
    const recipe: DailyRecipe = {
      settings,
      inputs,
      files,
      events: rows,
      outputs: inputs,
      whole: () => sql`${userDays(sources, range)} ORDER BY as_of_date, user_id`,
      parts: {
        daysOf: (changed) => [...changed],
        rows: (chosen) =>
          userDays(sources, chosenDays(isDay(raw('value'), chosen)), {
            events: isOnDays(engine, events, 'event_time', chosen),
          }),
        newUsers: (chosen, ids) =>
          userDays(sources, chosenDays(sql`NOT ${isDay(raw('value'), chosen)}`), {
            users: sql`user_id NOT IN (${ids})`,
            events: sql`CAST(user_id AS ${raw(idType(users, events))}) NOT IN (${ids})`,
          }),
      },
    };
    const refreshed = await refreshTable(table, recipe, old, rebuild);
    return outcomeOf(sources, table, { inputs, events: rows }, refreshed);
  },
};

async function outcomeOf(
  { engine, users, events }: Sources,
  { path }: DailyTable,
  { inputs, events: eventRows }: Pick<TableState, 'inputs' | 'events'>,
  refreshed: Refreshed,
): Promise<StepOutcome> {
  const days = inputs.days.length;
  const rows = await countRows(engine, path);
  return {
    reads: [{ path: users.path }, { path: events.path, rows: eventRows }],
    writes: [{ path, rows }],
    result: {
      rows,
      users: rows / days,
      events: eventRows,
      from: dayOfNumber(inputs.first),
      to: dayOfNumber(inputs.first + days - 1),
    },
    refreshed,
  };
}

/** From the first to the last day with an event: ids of what they hold. @throws data.empty when there is none */
async function requireDays(
  request: EventDaysRequest,
): Promise<{ first: number; last: number; rows: number; days: string[] }> {
  const { days: found, rows, unreadable } = await eventDays(request);
  const { first, last } =
    unreadable > 0 || found.length === 0
      ? await eventRange(request.engine, request.events) // its error says which time, or that there is none
      : { first: found[0].day, last: found[found.length - 1].day };
  const days = new Array<string>(last - first + 1).fill('');
  for (const { day, id } of found) {
    days[day - first] = id;
  }
  return { first, last, rows, days };
}

/** First and last day with an event, as day numbers. @throws data.empty when there is none. */
export async function eventRange(
  engine: Engine,
  events: SourceRelation,
): Promise<{ first: number; last: number; rows: number }> {
  const [range] = await engine.rows<{ first: number | null; last: number | null; rows: number }>(
    sql`SELECT min(_day) AS first, max(_day) AS last, count(*) AS rows
      FROM (SELECT ${localDay(engine, events, 'event_time')} AS _day FROM ${events.relation} AS source) AS days`,
  );
  if (range.first === null || range.last === null) {
    throw new ChurnError('data.empty', { expected: 'events', came: `none in ${events.path}` });
  }
  return { first: range.first, last: range.last, rows: range.rows };
}
