import type { AliasName, ReportKind, RunStatus } from './history.js';

/**
 * The tables, as the newest migration leaves them. Only text and integers, so that every SQL dialect agrees: a time is
 * ISO text in UTC, a day YYYY-MM-DD, a document JSON text. Columns never hold booleans (libsql aborts on them).
 */
export interface Tables {
  history_migrations: MigrationRow;
  runs: RunRow;
  reports: ReportRow;
  aliases: AliasRow;
  alias_moves: AliasMoveRow;
}

/** One row per migration that was applied, and the program that did it. */
export interface MigrationRow {
  number: number;
  name: string;
  program: string;
  applied_at: string;
}

export interface RunRow {
  id: string;
  parent: string | null;
  command: string;
  started_at: string;
  finished_at: string | null;
  status: RunStatus;
  exit_code: number | null;
  as_of: string | null;
  /** JSON: FileRecord[]. */
  reads: string;
  /** JSON: FileRecord[]. */
  writes: string;
  /** JSON: an object. */
  result: string;
  /** JSON: {code, message}, or null. */
  error: string | null;
  process_id: number;
  host: string;
}

export interface ReportRow {
  id: string;
  run: string;
  kind: ReportKind;
  as_of: string | null;
  version: string | null;
  status: string;
  created_at: string;
  /** JSON. */
  body: string;
}

/** One row per alias name, there from the first migration on, so that a move is always an update of one row. */
export interface AliasRow {
  name: AliasName;
  version: string | null;
  /** How often it was moved: the `number` of its newest move. */
  moves: number;
}

export interface AliasMoveRow {
  id: string;
  run: string;
  alias: AliasName;
  /** 1, 2, 3, ... per alias, given under the lock: clocks of several processes cannot order moves. */
  number: number;
  from_version: string | null;
  to_version: string | null;
  moved_at: string;
  because: string;
}
