import type { Guarded } from './leases.js';

/**
 * trigger: a request to look or retrain. outcome: what became of a prediction. swap: a server took another version.
 * slot: a due time of a line of the schedule (see slots.ts). notice: a change of state that people or programs are told.
 */
export type EntryKind = 'trigger' | 'outcome' | 'swap' | 'slot' | 'notice';

/** What somebody told us, as they told it. */
export interface NewEntry<T = unknown> {
  kind: EntryKind;
  /** Chosen by who tells it: the same key again is the same thing. */
  key: string;
  /**
   * What it is about: a prediction's id, a line of the schedule. Corrections of an outcome are entries with keys of their
   * own and the same subject; all are kept, and the one with the highest position holds.
   */
  subject?: string | null;
  body: T;
  /** When it happened, as ISO text in UTC. */
  at: string;
}

export interface Entry<T = unknown> extends Required<NewEntry<T>> {
  /** 1, 2, 3, ... per kind, in the order in which they became visible: who reads after a position misses none. */
  position: number;
  posted_at: string;
  /** The run that dealt with it; null while it is open. */
  settled: { run: string; at: string } | null;
}

/** `differs`: the key is known with another body; the first one is kept. */
export interface Posted {
  key: string;
  position: number;
  outcome: 'added' | 'known' | 'differs';
}

export interface EntryFilter {
  kind: EntryKind;
  /** Those after this position. Default: 0, from the first on. */
  after?: number;
  subject?: string;
  key?: string;
  limit?: number;
}

/** What callers tell us, each thing exactly once, and dealt with exactly once. */
export interface Inbox {
  /** All or none, in one transaction. Answers in the order of the entries. */
  post(entries: readonly NewEntry[]): Promise<Posted[]>;
  /** In the order of their positions. */
  entries<T>(filter: EntryFilter): Promise<Entry<T>[]>;
  /** The oldest open entries, for who holds the lease under which this kind is dealt with. @throws lease.lost */
  take<T>(filter: { kind: EntryKind; limit: number }, guard?: Guarded): Promise<Entry<T>[]>;
  /**
   * Says that a run dealt with entries; again by the same run changes nothing.
   * @throws history.conflict when another run did (then none is settled), lease.lost, history.run_unknown
   */
  settle(
    entries: { kind: EntryKind; positions: readonly number[]; run: string },
    guard?: Guarded,
  ): Promise<void>;
}
