import { identifier, join, raw, type Sql, sql } from '../data/engine/sql.js';
import { formatOfPath, inRoot } from '../data/layout.js';
import { COURSES, EVENT_TYPES } from '../data/synthetic/event-types.js';
import { EVENT_COLUMNS, generateEvents } from '../data/synthetic/events.js';
import { checkSettings, type SyntheticSettings } from '../data/synthetic/settings.js';
import { generateUsers, USER_COLUMNS } from '../data/synthetic/users.js';
import { ChurnError } from '../error.js';
import type { Project } from '../open.js';
import { recorded } from './record.js';

export interface GenerateResult {
  users: { path: string; rows: number };
  events: { path: string; rows: number };
}

/** Writes synthetic users and events to the places where the configuration looks for the sources. */
export async function generate(project: Project, settings: SyntheticSettings): Promise<GenerateResult> {
  checkSettings(settings);
  const places = { users: placeOf(project, 'users'), events: placeOf(project, 'events') };
  return recorded(project, { command: 'generate' }, async () => {
    const engine = await project.engine();
    const users = generateUsers(settings);
    await engine.load('generated_users', USER_COLUMNS, [users.chunk]);
    await engine.load(
      'generated_events',
      EVENT_COLUMNS,
      untilCancelled(generateEvents(settings, users), project.signal),
    );
    const userRows = await engine.write(
      sql`SELECT * FROM generated_users ORDER BY user_id`,
      places.users.path,
      places.users.format,
    );
    const eventRows = await engine.write(eventsQuery(), places.events.path, places.events.format);
    const value: GenerateResult = {
      users: { path: places.users.path, rows: userRows },
      events: { path: places.events.path, rows: eventRows },
    };
    return {
      value,
      writes: [value.users, value.events],
      result: { ...settings, users: userRows, events: eventRows },
    };
  });
}

function* untilCancelled<T>(chunks: Iterable<T>, signal: AbortSignal): Iterable<T> {
  for (const chunk of chunks) {
    if (signal.aborted) {
      throw new ChurnError('work.cancelled', {
        expected: 'to generate to the end',
        came: 'a request to stop',
      });
    }
    yield chunk;
  }
}

/** Codes become texts here: the generator hands over numbers only. */
function eventsQuery(): Sql {
  const text = (column: string, names: readonly string[]) =>
    sql`CASE ${identifier(column)} ${join(
      names.map((name, code) => sql`WHEN ${raw(String(code))} THEN ${name}`),
      ' ',
    )} END`;
  return sql`SELECT event_id, user_id, event_time, ${text('event_type_code', EVENT_TYPES)} AS event_type,
    ${text('course_code', COURSES)} AS course_id, watch_minutes, quiz_score, amount FROM generated_events ORDER BY event_id`;
}

/** @throws usage.invalid when the source is a glob or on a server: there would be no one file to write */
function placeOf({ config, root }: Project, source: 'users' | 'events') {
  const { files, postgres } = config.sources[source];
  const format = formatOfPath(files);
  if (/[*?[]/.test(files) || format === null || postgres !== undefined) {
    throw new ChurnError('usage.invalid', {
      expected: `sources.${source}.files to be one .parquet, .csv or .jsonl file`,
      came: postgres === undefined ? `"${files}"` : `sources.${source}.postgres`,
      fix: 'the generator stands in for real sources; it writes where the configuration reads',
    });
  }
  return { path: inRoot(root, files), format };
}
