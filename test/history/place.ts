import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openSqliteHistory, type SqliteHistoryOptions } from '../../src/history/sqlite/open.js';
import { tickingClock } from '../contract/assertions.js';
import type { HistoryPlace } from '../contract/history.js';

/** A folder of its own for one test, removed after it. */
export async function folderFor(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-history-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a history with a clock of its own. */
export function openAt(path: string, options: Partial<SqliteHistoryOptions> = {}) {
  return openSqliteHistory({ path, clock: tickingClock(), ...options });
}

export async function sqlitePlace(): Promise<HistoryPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-history-'));
  return {
    open: (options) => openAt(join(folder, 'deep', 'history.db'), options),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
