import { ChurnError, messageOf } from '../error.js';
import type { AliasMove, ProcessMark, Report, Run } from './history.js';
import type { Entry } from './inbox.js';
import type { StoredProfile } from './profiles.js';
import type { AliasMoveRow, InboxRow, ProfileRow, ReportRow, RunRow } from './schema.js';

/** JSON text of a document. Whole numbers of 64 bits, which engines count in, become plain numbers. */
export function toJson(document: unknown): string {
  return (
    JSON.stringify(document, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)) ?? 'null'
  );
}

/** JSON text in which the order of keys does not matter, so that equal documents have equal texts. */
export function toSortedJson(document: unknown): string {
  return toJson(sorted(JSON.parse(toJson(document))));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** A text as it can be stored. @throws usage.invalid when it holds a zero character, which PostgreSQL cannot keep. */
export function plain<T extends string | null>(text: T): T {
  if (text?.includes('\0')) {
    const came = JSON.stringify(text.slice(0, 80));
    throw new ChurnError('usage.invalid', { expected: 'text without a zero character', came });
  }
  return text;
}

/** @throws input.unreadable when the stored text is not JSON. */
function fromJson<T>(text: string, of: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new ChurnError('input.unreadable', { expected: `JSON in ${of}`, came: messageOf(error) }, error);
  }
}

/** The row of a run that begins. */
export function startedRow(
  run: Pick<Run, 'id' | 'parent' | 'command' | 'at'>,
  now: Date,
  process: ProcessMark,
): RunRow {
  return {
    id: run.id,
    parent: run.parent,
    command: run.command,
    started_at: now.toISOString(),
    finished_at: null,
    status: 'running',
    exit_code: null,
    as_of: run.at,
    reads: '[]',
    writes: '[]',
    result: '{}',
    error: null,
    process_id: process.id,
    host: process.host,
  };
}

export function asRun(row: RunRow, isAlive: (process: ProcessMark) => boolean | null): Run {
  const of = `the history's run ${row.id}`;
  const process: ProcessMark = { id: row.process_id, host: row.host };
  return {
    id: row.id,
    parent: row.parent,
    command: row.command,
    started_at: row.started_at,
    finished_at: row.finished_at,
    status: row.status,
    exit_code: row.exit_code,
    at: row.as_of,
    reads: fromJson(row.reads, of),
    writes: fromJson(row.writes, of),
    result: fromJson(row.result, of),
    error: row.error === null ? null : fromJson(row.error, of),
    process,
    alive: row.finished_at === null ? isAlive(process) : null,
  };
}

export function asReport<T>(row: ReportRow): Report<T> {
  const { as_of, body, ...rest } = row;
  return {
    ...rest,
    at: as_of === '' ? null : as_of,
    body: fromJson<T>(body, `the history's report ${row.id}`),
  };
}

export function asAliasMove(row: AliasMoveRow): AliasMove {
  const { id, run, alias, from_version, to_version, moved_at, because } = row;
  return { id, run, alias, from: from_version, to: to_version, moved_at, because };
}

export function asEntry<T>(row: InboxRow): Entry<T> {
  const { kind, position, key, subject, body, at, posted_at, settled_by, settled_at } = row;
  const settled = settled_by === null || settled_at === null ? null : { run: settled_by, at: settled_at };
  const of = `the history's ${kind} ${key}`;
  return { kind, position, key, subject, body: fromJson<T>(body, of), at, posted_at, settled };
}

export function asProfile<T>({ series, from_day, to_day, body }: ProfileRow): StoredProfile<T> {
  const of = `the history's profile of ${series} from ${from_day} on`;
  return { series, window: { from: from_day, to: to_day }, body: fromJson<T>(body, of) };
}
