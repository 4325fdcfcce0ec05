import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LendEngine } from '../../data/engine/engine.js';
import { messageOf } from '../../error.js';
import type { Lock } from '../../history/lock.js';
import type { Log } from '../../log.js';
import { addDays, type Clock, dayOfDate } from '../../time.js';
import { compactPredictionLog } from './compact.js';
import { loggedDays, placesOf } from './places.js';

export interface UpkeepOptions {
  folder: string;
  withEngine: LendEngine;
  /** The project's: a job that reads the log does not lose its files, and of several servers one works at a time. */
  lock: Lock;
  clock: Clock;
  everyMilliseconds: number;
  /** Days that are kept, today included; null: all. */
  keepDays: number | null;
  log: Log;
}

/** Compacts the log in the background, and removes the days that are too old. */
export interface Upkeep {
  /** Looks now. Never throws: what failed is logged, counted and tried again the next time. */
  run(): Promise<void>;
  stats(): { done: number; failed: number };
  /** Stops waiting and working; what was begun is finished by the next one (see compact.ts). */
  close(): Promise<void>;
}

export function openUpkeep(options: UpkeepOptions): Upkeep {
  const { everyMilliseconds, log } = options;
  const ending = new AbortController();
  const stats = { done: 0, failed: 0 };
  let running: Promise<void> | null = null;

  async function look(): Promise<void> {
    try {
      const changed = await tendLog(options, ending.signal);
      if (changed.compacted.length + changed.removed.length > 0) {
        stats.done++;
        log.info(changed, 'the prediction log was compacted');
      }
    } catch (error) {
      if (!ending.signal.aborted) {
        stats.failed++;
        log.error({ err: error, because: messageOf(error) }, 'the prediction log was not compacted');
      }
    }
  }

  function run(): Promise<void> {
    running ??= look().finally(() => {
      running = null;
    });
    return running;
  }

  const timer = setInterval(() => void run(), everyMilliseconds);
  timer.unref();
  return {
    run,
    stats: () => ({ ...stats }),
    close: async () => {
      clearInterval(timer);
      ending.abort();
      await running;
    },
  };
}

interface Tended {
  compacted: string[];
  removed: string[];
}

async function tendLog(options: UpkeepOptions, signal: AbortSignal): Promise<Tended> {
  const { folder, withEngine, lock, clock, keepDays } = options;
  const oldest = keepDays === null ? '' : addDays(dayOfDate(clock()), 1 - keepDays);
  const tended: Tended = { compacted: [], removed: [] };
  for (const day of await loggedDays(folder)) {
    if (day < oldest) {
      const held = await lock.acquire({ signal });
      await rm(join(folder, day), { recursive: true, force: true }).finally(() => held.release());
      tended.removed.push(day);
    } else if (await isLoose(folder, day)) {
      await withEngine((engine) => compactPredictionLog({ engine, folder, day, lock, signal }));
      tended.compacted.push(day);
    }
  }
  return tended;
}

/** Whether a day is anything but one file. */
async function isLoose(folder: string, day: string): Promise<boolean> {
  const { open, closed, contained, done, files } = await placesOf(folder, day);
  return open !== null || closed.length + contained.length + done.length > 0 || files.length > 1;
}
