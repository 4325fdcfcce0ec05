import type { Config } from '../config/schema.js';
import { namedTypes } from './checks/named-types.js';
import type { Engine } from './engine/engine.js';
import { identifier, join, raw, render, type Sql, sql } from './engine/sql.js';
import { idOf } from './refresh/versions.js';
import { zonedTime } from './source/days.js';
import type { SourceRelation } from './sources.js';

/** The events of one day. */
export interface EventDay {
  /** Since 1970-01-01, in the configured zone. */
  day: number;
  events: number;
  /** When the last one came, in minutes after midnight. */
  lastMinute: number;
  /** Events of each type that the configuration names. */
  ofType: ReadonlyMap<string, number>;
  /** An id of the rows of the day, over all columns, whatever their order. */
  id: string;
}

/** All events by day. */
export interface EventDays {
  /** The days with events, in order. */
  days: EventDay[];
  /** Rows, with and without a day. */
  rows: number;
  /** Rows with a time that cannot be read. */
  unreadable: number;
}

export interface EventDaysRequest {
  engine: Engine;
  config: Pick<Config, 'features' | 'label'>;
  events: SourceRelation;
  /** Of the files' content (filesVersion): equal files are counted once while the engine lives. Null: they are counted now. */
  files: string | null;
  signal?: AbortSignal;
}

/** Counts and fingerprints the events of each day in one scan of all columns. */
export function eventDays({ engine, config, events, files, signal }: EventDaysRequest): Promise<EventDays> {
  const types = namedTypes(config);
  const query = scanOf(engine, events, types);
  const count = async () => daysOf(await engine.rows<Scanned>(query, signal), types);
  const { text, values } = render(query, engine.dialect);
  return files === null ? count() : engine.once(JSON.stringify([files, text, values]), count);
}

/** What one day has of one named type, or of all others. */
interface Scanned {
  day: number | null;
  type: string | null;
  events: number;
  last_minute: number | null;
  timed: number;
  content: string;
}

/** First by every type there is: comparing each row with the named ones would cost half as much again. */
function scanOf(engine: Engine, events: SourceRelation, types: readonly string[]): Sql {
  const { dialect } = engine;
  const stored = events.columns.find(({ name }) => name === 'event_time')?.type ?? '';
  const time = zonedTime(engine, identifier('event_time'), stored, events.days, true);
  const named =
    types.length === 0
      ? raw('CAST(NULL AS STRING)')
      : sql`CASE WHEN _type IN (${join(types.map((type) => sql`${type}`))}) THEN _type END`;
  const content = dialect.contentOf(events.columns.map(({ name }) => identifier(name)));
  return sql`
    WITH timed AS (
      SELECT *, ${time} AS _time, CAST(event_type AS STRING) AS _type FROM ${events.relation} AS source
    ), dated AS (
      SELECT *, ${dialect.dayNumber(sql`CAST(_time AS DATE)`)} AS _day FROM timed
    ), counted AS (
      SELECT _day, _type, count(*) AS events, max(_time) AS last, count(event_time) AS timed, ${content} AS content
      FROM dated GROUP BY _day, _type
    ), chosen AS (
      SELECT *, ${named} AS _named, 60 * extract(hour FROM last) + extract(minute FROM last) AS last_minute FROM counted
    )
    SELECT _day AS day, _named AS type, CAST(sum(events) AS BIGINT) AS events, max(last_minute) AS last_minute,
      CAST(sum(timed) AS BIGINT) AS timed, CAST(sum(CAST(content AS DECIMAL(38, 0))) AS STRING) AS content
    FROM chosen GROUP BY _day, _named`;
}

function daysOf(scanned: readonly Scanned[], types: readonly string[]): EventDays {
  const parts = new Map<number, Scanned[]>();
  let unreadable = 0;
  for (const part of scanned) {
    if (part.day === null) {
      unreadable += part.timed;
    } else {
      parts.set(part.day, [...(parts.get(part.day) ?? []), part]);
    }
  }
  const days = [...parts].map(([day, own]) => dayOf(day, own, types)).sort((a, b) => a.day - b.day);
  return { days, rows: sum(scanned, ({ events }) => events), unreadable };
}

function dayOf(day: number, parts: readonly Scanned[], types: readonly string[]): EventDay {
  const events = sum(parts, (part) => part.events);
  const content = parts.reduce((all, part) => all + BigInt(part.content), 0n);
  return {
    day,
    events,
    lastMinute: Math.max(...parts.map(({ last_minute }) => last_minute ?? 0)),
    ofType: new Map(types.map((type) => [type, parts.find((part) => part.type === type)?.events ?? 0])),
    id: idOf([events, String(content)]),
  };
}

function sum<T>(values: readonly T[], number: (value: T) => number): number {
  return values.reduce((all, value) => all + number(value), 0);
}
