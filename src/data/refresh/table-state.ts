import { basename, dirname, join } from 'node:path';
import { ChurnError } from '../../error.js';
import { readJson, sha256OfFile, writeJson } from '../../files.js';
import type { FileFormat } from '../engine/engine.js';
import { readFooter } from '../parquet/footer.js';
import { stampKeyValues } from '../parquet/merge-row-groups.js';

/** Users by their content: equal ids, equal users with equal columns. */
export interface UsersVersion {
  id: string;
  /** Ids of users that all are among these, unchanged: since then users were only added. Newest first. */
  grown_from: string[];
}

/** The days of a table by their content: equal ids, equal rows of the same users. */
export interface DaysVersion {
  users: UsersVersion;
  /** Number of the first day; the others follow one by one. */
  first: number;
  days: string[];
}

/** What a table was made from and what it is. Kept in the table's own file, so that both change in one rename. */
export interface TableState {
  /** Of all but data that shape the table: its SQL, the program's version. Equal settings and inputs, equal tables. */
  settings: string;
  /** Of the sources' files as a whole; null: a source that has no files. */
  files: string | null;
  inputs: DaysVersion;
  outputs: DaysVersion;
  /** Rows of the events that it was made from, where it was made from events. */
  events?: number;
}

const KEY = 'churn_mlops';

/** What a table says of itself; null when it is not there, says nothing (somebody else wrote it), or cannot be read. */
export async function readState(path: string, format: FileFormat): Promise<TableState | null> {
  try {
    if (format === 'parquet') {
      const told = (await readFooter(path)).keyValues.get(KEY);
      return told === undefined ? null : stateOf(JSON.parse(told));
    }
    const beside = await readJson<{ sha256: string; state: unknown }>(statePath(path));
    return beside.sha256 === (await sha256OfFile(path)) ? stateOf(beside.state) : null;
  } catch {
    return null;
  }
}

function stateOf(told: unknown): TableState | null {
  const state = told as TableState;
  const complete = typeof state.settings === 'string' && [state.inputs, state.outputs].every(isDays);
  return complete ? state : null;
}

function isDays({ users, first, days }: DaysVersion): boolean {
  return (
    typeof users.id === 'string' &&
    Array.isArray(users.grown_from) &&
    Number.isInteger(first) &&
    Array.isArray(days)
  );
}

/** Key-values of a file that tells its state. */
export function stateKeyValues(state: TableState): Map<string, string> {
  return new Map([[KEY, JSON.stringify(state)]]);
}

/** Puts the state into a Parquet file that nobody reads yet. */
export function stampState(path: string, state: TableState): Promise<void> {
  return stampKeyValues(path, stateKeyValues(state));
}

/** A text has no place for it: a file beside it holds the state, and for which content it is told. */
export async function writeStateBeside(path: string, state: TableState): Promise<void> {
  await writeJson(statePath(path), { sha256: await sha256OfFile(path), state });
}

function statePath(path: string): string {
  return join(dirname(path), `.${basename(path)}.state.json`);
}

/**
 * Whether an error may come from the old table's content: then it is made whole, which does not read it. An error of the sources comes
 * again.
 */
export function isUnusable(error: unknown): boolean {
  const codes = ['input.unreadable', 'engine.failed'];
  return error instanceof RangeError || (error instanceof ChurnError && codes.includes(error.code));
}
