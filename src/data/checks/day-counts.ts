import { identifier, join, sql } from '../engine/sql.js';
import { utcDate } from '../sources.js';
import type { CheckContext } from './check.js';
import { namedTypes } from './named-types.js';

/** The events of one day (UTC). */
export interface DayCount {
  /** Since 1970-01-01. */
  day: number;
  events: number;
  /** When the last one came, in minutes after midnight. */
  lastMinute: number;
  /** Events of each type that the configuration names. */
  ofType: ReadonlyMap<string, number>;
}

/** The days with events, in order, counted in one scan. */
export async function dayCounts({ engine, config, events, signal }: Context): Promise<DayCount[]> {
  const types = namedTypes(config);
  const time = engine.dialect.utcTime(
    identifier('event_time'),
    events.columns.find(({ name }) => name === 'event_time')?.type ?? '',
    true,
  );
  const ofTypes = types.map(
    (type, i) =>
      sql`, count(CASE WHEN CAST(event_type AS STRING) = ${type} THEN 1 END) AS ${identifier(`type_${i}`)}`,
  );
  const day = engine.dialect.dayNumber(utcDate(engine, events, 'event_time', true));
  const found = await engine.rows<Record<string, number>>(
    sql`SELECT day, count(*) AS events, max(60 * extract(hour FROM time) + extract(minute FROM time)) AS last_minute${join(ofTypes, '')}
      FROM (SELECT ${day} AS day, ${time} AS time, event_type FROM ${events.relation} AS source) AS timed
      WHERE day IS NOT NULL GROUP BY day ORDER BY day`,
    signal,
  );
  return found.map((row) => ({
    day: row.day,
    events: row.events,
    lastMinute: row.last_minute,
    ofType: new Map(types.map((type, i) => [type, row[`type_${i}`]])),
  }));
}

type Context = Pick<CheckContext, 'engine' | 'config' | 'events' | 'signal'>;

/** The newest day that is over; null when there is none. */
export function lastWholeDay(days: readonly DayCount[], today: number): DayCount | null {
  return days.findLast(({ day }) => day < today) ?? null;
}
