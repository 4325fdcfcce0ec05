import type { CheckId } from '../../config/checks.js';
import type { Config } from '../../config/schema.js';
import type { Engine } from '../engine/engine.js';
import type { Sql } from '../engine/sql.js';
import type { SourceName, SourceRelation } from '../sources.js';
import type { DayCount } from './day-counts.js';

export type Severity = 'error' | 'warning';

/** Something that is wrong with the data: what, how often, and examples to look for. */
export interface Problem {
  check: CheckId;
  severity: Severity;
  source: SourceName;
  /** One sentence: what was expected and what came. */
  message: string;
  rows: number;
  examples: string[];
}

export interface CheckContext {
  engine: Engine;
  config: Config;
  users: SourceRelation;
  events: SourceRelation;
  /** The day it is (UTC), as a day number. */
  today: number;
  /** The days with events. */
  days: readonly DayCount[];
  /** The days on which events are others than when no id of an event repeated; null: all may be. */
  changedDays: readonly number[] | null;
  signal?: AbortSignal;
}

/** What makes a row wrong. All rules of all checks are counted in one scan of each source. */
export interface RowRule {
  source: SourceName;
  /**
   * Holds for a wrong row. Over the source's columns, and for events also `known_user` (the id in the user table, null
   * when it is not there) and `known_signup` (the day).
   */
  condition: Sql;
  /** Shown for a few wrong rows. */
  example: Sql;
  /** One sentence; `all` is the number of rows of the source. */
  message(rows: number, all: number): string;
  /** Where it differs from the check's; null: so many are no problem. */
  severity?(rows: number, all: number): Severity | null;
}

interface CheckFacts {
  readonly id: CheckId;
  /** What it expects, for docs. */
  readonly title: string;
  /** An error stops the pipeline, a warning is shown. `checks` of the configuration may say otherwise. */
  readonly severity: Severity;
}

/** One way in which data go wrong: in single rows, or in a table as a whole. Finds every problem of its kind. */
export type Check = CheckFacts &
  (
    | { rules(context: CheckContext): RowRule[] }
    | { run(context: CheckContext): Promise<Omit<Problem, 'check'>[]> }
  );

/** So many examples are shown for a problem. */
export const EXAMPLES = 3;
