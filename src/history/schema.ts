import type { AliasName, ReportKind, RunStatus } from './history.js';
import type { EntryKind } from './inbox.js';

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
  leases: LeaseRow;
  inbox_kinds: InboxKindRow;
  inbox: InboxRow;
  profile_series: ProfileSeriesRow;
  profiles: ProfileRow;
  retired_versions: RetiredVersionRow;
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
  /** Empty: about no day. Never null, so that every database sorts it alike. */
  as_of: string;
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

/** One row per name that was ever leased; it stays, so that its token only grows. */
export interface LeaseRow {
  name: string;
  token: number;
  /** Id of the acquisition; null when it was given back. */
  holder: string | null;
  process_id: number;
  host: string;
  acquired_at: string;
  /** Milliseconds since 1970 by the database's clock; 0 when it was given back. */
  expires_at: number;
}

/** One row per kind that was ever posted: locked by who posts, so that positions become visible in their order. */
export interface InboxKindRow {
  kind: EntryKind;
  /** The newest position. */
  last: number;
}

export interface InboxRow {
  kind: EntryKind;
  position: number;
  /** Made before the first attempt to write it: tells a repeated attempt from a repeated message. */
  id: string;
  key: string;
  subject: string | null;
  /** JSON with sorted keys. */
  body: string;
  at: string;
  posted_at: string;
  settled_by: string | null;
  settled_at: string | null;
}

/** Locked by who writes a profile of the series. */
export interface ProfileSeriesRow {
  series: string;
  /** Days before this one were merged into months. */
  merged_until: string | null;
}

/** One row per window [from_day, to_day) of a series. */
export interface ProfileRow {
  series: string;
  from_day: string;
  to_day: string;
  /** JSON. */
  body: string;
}

/** A version whose files are, or are about to be, removed: no alias may point to it. */
export interface RetiredVersionRow {
  version: string;
  run: string;
  retired_at: string;
}
