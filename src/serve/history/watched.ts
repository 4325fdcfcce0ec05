import { ChurnError, messageOf } from '../../error.js';
import type { History } from '../../history/history.js';
import type { Log } from '../../log.js';
import type { Clock } from '../../time.js';

/** What the server asks of history. */
export type ServedHistory = Pick<History, 'alias' | 'reports' | 'runs' | 'post' | 'take'>;

export interface HistoryState {
  status: 'ok' | 'away';
  /** When it came to be so. */
  since: string;
  because: string | null;
}

/** History with a memory of whether it answered the last time. */
export interface WatchedHistory extends ServedHistory {
  state(): HistoryState;
}

/** Passes every call on, and tells the log when history goes away or is back. */
export function watchedHistory(history: ServedHistory, clock: Clock, log: Log): WatchedHistory {
  let state: HistoryState = { status: 'ok', since: clock().toISOString(), because: null };

  function turn(status: HistoryState['status'], because: string | null): void {
    if (status !== state.status) {
      state = { status, since: clock().toISOString(), because };
      if (status === 'away') {
        log.error(state, 'history is away; the loaded model goes on answering');
      } else {
        log.info(state, 'history is back');
      }
    }
  }

  async function noting<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      turn('ok', null);
      return value;
    } catch (error) {
      if (error instanceof ChurnError && error.code === 'history.away') {
        turn('away', messageOf(error));
      }
      throw error;
    }
  }

  return {
    state: () => state,
    alias: (name) => noting(history.alias(name)),
    reports: (filter) => noting(history.reports(filter)),
    runs: (filter) => noting(history.runs(filter)),
    post: (entries) => noting(history.post(entries)),
    take: (filter, guard) => noting(history.take(filter, guard)),
  };
}
