import { ChurnError, messageOf } from '../error.js';
import type { AliasMove, ProcessMark, Report, Run } from './history.js';
import type { AliasMoveRow, ReportRow, RunRow } from './schema.js';

/** JSON text of a document. Whole numbers of 64 bits, which engines count in, become plain numbers. */
export function toJson(document: unknown): string {
  return (
    JSON.stringify(document, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)) ?? 'null'
  );
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
  return { ...rest, at: as_of, body: fromJson<T>(body, `the history's report ${row.id}`) };
}

export function asAliasMove(row: AliasMoveRow): AliasMove {
  const { id, run, alias, from_version, to_version, moved_at, because } = row;
  return { id, run, alias, from: from_version, to: to_version, moved_at, because };
}
