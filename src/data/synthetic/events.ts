import { dayNumber } from '../../time.js';
import type { ColumnChunk, ColumnSpec } from '../engine/engine.js';
import { type EventRows, eventRows } from './event-rows.js';
import type { SyntheticSettings } from './settings.js';
import { MOST_EVENTS_PER_USER_DAY, simulation } from './simulation.js';
import type { SyntheticUsers } from './users.js';

/**
 * Texts come as codes: whoever writes the table replaces `event_type_code` by event_type, EVENT_TYPES[code], and
 * `course_code` by course_id, COURSES[code], where -1 is null.
 */
export const EVENT_COLUMNS: readonly ColumnSpec[] = [
  { name: 'event_id', type: 'BIGINT' },
  { name: 'user_id', type: 'INTEGER' },
  { name: 'event_time', type: 'TIMESTAMP' },
  { name: 'event_type_code', type: 'INTEGER' },
  { name: 'course_code', type: 'INTEGER' },
  { name: 'watch_minutes', type: 'DOUBLE' },
  { name: 'quiz_score', type: 'DOUBLE' },
  { name: 'amount', type: 'DOUBLE' },
];

/** 32 vectors of DuckDB's 2,048 rows. */
export const CHUNK_ROWS = 32 * 2048;

/**
 * The events of `users`, as EVENT_COLUMNS, by day and then by user, in chunks of at most `chunkRows` rows (at least 14: a user's day is
 * not divided). The rows do
 * not depend on `chunkRows`. event_id rises from 1; events lost to the drift `feed` leave gaps. watch_minutes is 0 for
 * other events than videos, as in the described data. In memory at any time: one chunk (52 bytes a row) and some 50
 * bytes a user.
 */
export function* generateEvents(
  settings: SyntheticSettings,
  users: SyntheticUsers,
  chunkRows = CHUNK_ROWS,
): Generator<ColumnChunk, void> {
  const fill = simulation(settings, users.population);
  for (;;) {
    const rows = eventRows(Math.max(chunkRows, MOST_EVENTS_PER_USER_DAY), dayNumber(settings.start));
    const more = fill(rows);
    if (rows.count > 0) {
      yield chunkOf(rows);
    }
    if (!more) {
      return;
    }
  }
}

function chunkOf({ count, columns }: EventRows): ColumnChunk {
  return { rows: count, columns: columns.map((column) => column.subarray(0, count)) };
}
