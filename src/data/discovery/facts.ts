import type { Sql } from '../engine/sql.js';

export type ColumnKind = 'number' | 'text' | 'boolean' | 'date' | 'time' | 'other';

/** What was counted of one column. */
export interface ColumnFacts {
  name: string;
  /** The engine's type. */
  type: string;
  kind: ColumnKind;
  /** Rows with a value. */
  filled: number;
  /** Different values; about 2 % off in large files. */
  distinct: number;
  min: string | null;
  max: string | null;
  /** Of a number: rows with a whole one, and with one below 0. */
  whole: number;
  negative: number;
  /** Of a text: rows with an @. */
  emails: number;
  /** Of the first rows: how many each time format reads, by its id, of how many with a value. */
  formats: Record<string, number>;
  formatsOf: number;
  /** The values of a column with few, most frequent first; else none. */
  values: { value: string; rows: number }[];
}

/** What was counted of one file. */
export interface FileFacts {
  /** As the configuration is to name it. */
  files: string;
  /** Settings of the source that reading it needs besides. */
  reading: { csv?: { delimiter?: string; header?: boolean; names?: string[] } };
  /** For FROM, under the names of `columns`. */
  relation: Sql;
  rows: number;
  columns: ColumnFacts[];
}

/** How one file's key relates to the users of the event log. */
export interface LinkFacts {
  rows: number;
  /** Different keys, nulls left out. */
  keys: number;
  /** Users of the events, and those of them that are in the file. */
  users: number;
  known: number;
}

/** What a horizon would mean. Null where there is nothing to take a share of. */
export interface HorizonFacts {
  days: number;
  /** Share of a user's returns that came after more than so many days, averaged over the users who came back. */
  lateReturns: number | null;
  /** Share of the silences that had reached so many days which ended with a return. */
  returnedAfter: number | null;
  /** User-days with an active day in so many last days whose horizon has been seen, and those of them that churned. */
  userDays: number;
  churned: number;
}

/** What was counted of the event log, read as proposed. */
export interface EventFacts {
  rows: number;
  users: number;
  /** First and last day with an event, YYYY-MM-DD. */
  first: string;
  last: string;
  /** Most days from one day with an event to the next. */
  longestStep: number;
  /** Users with a second active day among the gaps that count. */
  returning: number;
  /** Only gaps that began so many days before the last day count, so that long ones are not missed. */
  margin: number;
  horizons: HorizonFacts[];
  types: TypeFacts[];
}

export interface TypeFacts {
  type: string;
  rows: number;
  /** By number column: rows of the type with a value other than 0. */
  nonZero: Record<string, number>;
}

/** How far a column of users tells who is gone at the end of the data. */
export interface StaticFacts {
  column: string;
  /** By value: users, and those of them without an event in the last horizon. */
  values: { users: number; gone: number }[];
}
