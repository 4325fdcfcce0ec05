import { randomBytes, randomInt } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChurnError, messageOf } from '../../error.js';
import { asFileError, readJson, removeLeftovers, writeJson } from '../../files.js';
import type { Inbox, NewEntry, Posted } from '../../history/inbox.js';
import type { Log } from '../../log.js';
import type { Clock } from '../../time.js';

export interface SpoolOptions {
  folder: string;
  inbox: Pick<Inbox, 'post'>;
  /** Entries that may wait; further ones are refused. */
  most: number;
  /** Pause before what waits is tried again; half of it is left to chance. */
  retryMilliseconds: number;
  clock: Clock;
  log: Log;
}

/** `spooled`: it is on disk and reaches history when that is there again. */
export type Told = Pick<Posted, 'key'> & { outcome: Posted['outcome'] | 'spooled' };

export interface SpoolStats {
  /** Entries on disk. */
  waiting: number;
  refused: number;
  /** Why the last attempt to hand over failed; null when nothing waits. */
  because: string | null;
}

/** What the server tells the history: at once, or through files while the history is away. */
export interface Spool {
  /**
   * Durable when the promise resolves. The same key is the same thing, however often it is told.
   * @throws serve.busy when too much waits, io.failed when the disk refuses; what history itself refuses
   */
  tell(entries: readonly NewEntry[]): Promise<Told[]>;
  stats(): SpoolStats;
  close(): Promise<void>;
}

/**
 * While anything waits, what comes later waits behind it, so that the order of one process stays. Files are written whole,
 * one a call, and removed once history has them: a process that dies in between leaves files that it, or another one with
 * the same folder, hands over later; history knows the keys, so nothing counts twice.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { folder, inbox, most, retryMilliseconds, clock, log } = options;
  const ending = new AbortController();
  const stats: SpoolStats = { waiting: 0, refused: 0, because: null };
  const nameOf = fileNames(clock);
  await removeLeftovers(folder);
  for (const name of await filesIn(folder)) {
    stats.waiting += await entriesOf(join(folder, name));
  }

  /** Entries whose file is being written. */
  let writing = 0;

  async function spool(entries: readonly NewEntry[], because: string): Promise<void> {
    if (stats.waiting + entries.length > most) {
      stats.refused += entries.length;
      throw tooMuch(stats.waiting, entries.length, most);
    }
    // Counted first: what comes meanwhile waits behind it.
    stats.waiting += entries.length;
    writing += entries.length;
    try {
      await writeJson(join(folder, nameOf()), entries);
      stats.because ??= because;
    } catch (error) {
      stats.waiting -= entries.length;
      throw error;
    } finally {
      writing -= entries.length;
    }
    handOverSoon();
  }

  /** Oldest first, until nothing is left (true) or history is away. */
  async function handOver(): Promise<boolean> {
    for (let names = await filesIn(folder); names.length > 0; names = await filesIn(folder)) {
      for (const name of names) {
        if (!(await handOverFile(join(folder, name)))) {
          return false;
        }
      }
    }
    stats.waiting = writing;
    stats.because = null;
    return true;
  }

  async function handOverFile(path: string): Promise<boolean> {
    const count = await entriesOf(path);
    try {
      await inbox.post(await readJson<NewEntry[]>(path));
      await rm(path, { force: true });
    } catch (error) {
      if (isAway(error)) {
        stats.because = messageOf(error);
        return false;
      }
      if (!isMissing(error)) {
        await rename(path, `${path}.refused`);
        log.error(
          { err: error, file: `${path}.refused` },
          'history refused what was spooled; it is kept aside',
        );
      }
    }
    stats.waiting = Math.max(writing, stats.waiting - count);
    return true;
  }

  async function handOverAll(): Promise<void> {
    const pause = () => sleep(randomInt(retryMilliseconds / 2, retryMilliseconds), undefined, waitingOptions);
    for (let done = false; !done; ) {
      await pause();
      done = await handOver().catch((error) => {
        stats.because = messageOf(error);
        return false;
      });
    }
    log.info({}, 'everything that was spooled is in history');
  }

  const waitingOptions = { signal: ending.signal, ref: false };
  let handing: Promise<void> | null = null;
  function handOverSoon(): void {
    handing ??= handOverAll()
      .catch(() => undefined)
      .finally(() => {
        handing = null;
        if (stats.waiting > 0 && !ending.signal.aborted) {
          handOverSoon();
        }
      });
  }
  if (stats.waiting > 0) {
    handOverSoon();
  }

  return {
    tell: async (entries) => {
      let because = 'earlier entries wait';
      if (stats.waiting === 0) {
        try {
          return (await inbox.post(entries)).map(({ key, outcome }) => ({ key, outcome }));
        } catch (error) {
          if (!isAway(error)) {
            throw error;
          }
          because = messageOf(error);
        }
      }
      await spool(entries, because);
      return entries.map(({ key }) => ({ key, outcome: 'spooled' }));
    },
    stats: () => ({ ...stats }),
    close: async () => {
      ending.abort();
      await handing;
    },
  };
}

function tooMuch(waiting: number, more: number, most: number): ChurnError {
  return new ChurnError('serve.busy', {
    expected: `at most ${most} entries to wait for the history`,
    came: `${waiting} that wait and ${more} more`,
    fix: 'try again when the history is back',
  });
}

/** Removed by another process with the same folder. */
function isMissing(error: unknown): boolean {
  return error instanceof ChurnError && error.code === 'input.missing';
}

function isAway(error: unknown): boolean {
  return error instanceof ChurnError && (error.code === 'history.away' || error.code === 'lock.held');
}

/** Names that sort by time and that no other process gives. */
function fileNames(clock: Clock): () => string {
  const mark = randomBytes(4).toString('hex');
  let number = 0;
  return () => {
    const time = String(clock().getTime()).padStart(15, '0');
    return `${time}-${mark}-${String(++number).padStart(8, '0')}.json`;
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw asFileError(error, folder, 'read');
  });
  return names.filter((name) => /^\d{15}-[0-9a-f]{8}-\d{8}\.json$/.test(name)).sort();
}

/** How many entries a file holds; one that cannot be read counts as one. */
async function entriesOf(path: string): Promise<number> {
  const entries = await readJson<NewEntry[]>(path).catch(() => null);
  return Array.isArray(entries) ? entries.length : 1;
}
