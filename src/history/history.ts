import type { Day } from '../time.js';
import type { Inbox } from './inbox.js';
import type { Guarded, Leases } from './leases.js';
import type { DailyProfiles } from './profiles.js';
import type { Transfer } from './transfer/transfer.js';

export type RunStatus = 'running' | 'ok' | 'attention' | 'insufficient' | 'failed';

/** One execution of a command or of a step of the pipeline. */
export interface Run {
  /** Sorts by start time. */
  id: string;
  /** The run that started this one (the steps of `run`, the parts of `retrain`). */
  parent: string | null;
  command: string;
  started_at: string;
  finished_at: string | null;
  status: RunStatus;
  exit_code: number | null;
  /** As of which day it was asked to answer. */
  at: Day | null;
  /** Files read and written, with rows where known. */
  reads: FileRecord[];
  writes: FileRecord[];
  /** What came out, in figures. */
  result: Record<string, unknown>;
  error: { code: string; message: string } | null;
  /** Who executes or executed it. */
  process: ProcessMark;
  /**
   * Of a run that is still `running`: true while its process lives, false when that is gone (it was killed and will
   * never finish), null when it ran on another host, where we cannot look. Null once finished. A process id that the
   * system gave away again looks alive.
   */
  alive: boolean | null;
}

/** A process: its id is unique on its host only. */
export interface ProcessMark {
  id: number;
  host: string;
}

export interface FileRecord {
  path: string;
  rows?: number;
  sha256?: string;
}

export type ReportKind = 'drift' | 'evaluation' | 'estimate' | 'decision' | 'comparison' | 'training';

/** A document that a run produced. */
export interface Report<T = unknown> {
  id: string;
  run: string;
  kind: ReportKind;
  /** As of which day. */
  at: Day | null;
  /** The model version it is about. */
  version: string | null;
  status: string;
  created_at: string;
  body: T;
}

export type AliasName = 'champion' | 'challenger';

export interface AliasMove {
  id: string;
  run: string;
  alias: AliasName;
  from: string | null;
  to: string | null;
  moved_at: string;
  because: string;
}

export interface RunFilter {
  command?: string;
  parent?: string;
  limit?: number;
}

export interface ReportFilter {
  kind?: ReportKind;
  run?: string;
  version?: string;
  until?: Day;
  limit?: number;
}

export interface MoveFilter {
  alias?: AliasName;
  runs?: readonly string[];
  limit?: number;
}

/**
 * What happened and why. Every write is durable when its promise resolves, and happens as a whole or not at all.
 * A write whose fate a broken connection hid is tried again and still happens once.
 *
 * Errors: history.run_unknown (also when a write names a run that is not there), history.conflict (an alias was moved
 * by somebody else, a run is already finished), lease.lost (a guarded write came from a former holder), lock.held (other
 * processes wrote without a pause for the longest we wait), history.away (a server that does not answer),
 * usage.invalid (text with a zero character), input.unreadable (damaged), io.failed (disk full, read-only and the like).
 */
export interface History extends Leases, Inbox, DailyProfiles, Retention, Transfer {
  startRun(run: { command: string; parent?: string | null; at?: Day | null }): Promise<string>;
  /** @throws history.conflict when it is already finished: what happened is written once. */
  finishRun(
    id: string,
    outcome: Pick<Run, 'status' | 'exit_code'> &
      Partial<Pick<Run, 'at' | 'reads' | 'writes' | 'result' | 'error'>>,
    guard?: Guarded,
  ): Promise<void>;
  /** Newest first. */
  runs(filter?: RunFilter): Promise<Run[]>;
  /** By id or by an unambiguous beginning of one, in either case. @throws history.run_unknown */
  run(id: string): Promise<Run>;
  addReport<T>(report: Omit<Report<T>, 'id' | 'created_at'>, guard?: Guarded): Promise<string>;
  /** Newest first by `at` (null last), then by creation; `until` is the last day wanted and leaves out a null `at`. */
  reports<T>(filter: ReportFilter): Promise<Report<T>[]>;
  alias(name: AliasName): Promise<string | null>;
  aliases(): Promise<Record<AliasName, string | null>>;
  /**
   * Moves an alias if it still points to `from`, and records the move in the same transaction.
   * @throws history.conflict when it points elsewhere, or `to` was retired
   */
  moveAlias(
    move: { run: string; alias: AliasName; from: string | null; to: string | null; because: string },
    guard?: Guarded,
  ): Promise<void>;
  /** Newest first; each move of an alias begins where the one before it ended. */
  aliasMoves(filter?: MoveFilter): Promise<AliasMove[]>;
  /**
   * Says that a version is about to be removed: no alias can point to it from now on. False, and nothing done, when an
   * alias points to it or ever did.
   */
  retireVersion(retirement: { version: string; run: string }, guard?: Guarded): Promise<boolean>;
  /** Takes a retirement back, when the version is stored again. */
  reinstateVersion(version: string): Promise<void>;
  close(): Promise<void>;
}

export interface Removed {
  reports: number;
  entries: number;
  runs: number;
}

export interface Retention {
  /**
   * Removes what is older than a time: reports, except the newest of each kind and version; triggers, swaps and slots
   * that were dealt with; finished runs that nothing refers to any more. Alias moves and their runs stay, and outcomes.
   */
  forget(before: Date): Promise<Removed>;
}
