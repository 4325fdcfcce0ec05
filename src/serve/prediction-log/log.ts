import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { ChurnError, messageOf } from '../../error.js';
import { writeWhole } from '../../files.js';
import type { Encoding } from '../../model/encode.js';
import { dayOfNumber } from '../../time.js';
import type { LoggedBatch, LoggedPrediction, PredictionLog } from '../parts.js';
import { openFolder } from './places.js';
import { appendRow, appendRows, newRows, type Rows, release, SEGMENT_ROWS, type Spares } from './rows.js';
import { newScratch, type Scratch, segmentPieces } from './segment.js';

export interface PredictionLogOptions {
  folder: string;
  /** A prediction is on disk at most so long after it was appended (see below). */
  flushMilliseconds: number;
  /** So many buffered predictions are written out before their time. */
  flushRows: number;
  /** Most predictions in memory; further ones are dropped until some are written. */
  maxBuffered: number;
}

const MILLISECONDS_PER_DAY = 86_400_000;

/**
 * Appends predictions to memory and writes them out as segment files: whole Parquet files that appear under their name
 * when they are on disk. Several processes and hosts may write into one folder.
 *
 * A killed process loses what it appended since the last write began: a write begins every half of `flushMilliseconds`, so
 * as long as one takes less than the other half (an fsync, usually milliseconds) nothing older than `flushMilliseconds` is
 * lost. While the disk is full or away predictions stay in memory up to `maxBuffered`, then new ones are dropped and
 * counted; every further half interval tries again.
 */
export function openPredictionLog(options: PredictionLogOptions): PredictionLog {
  const { folder, flushMilliseconds, flushRows, maxBuffered } = options;
  const nextName = segmentNames();
  /** What is appended to, and what is being written or could not be. */
  let filling: Rows[] = [];
  const waiting: Rows[] = [];
  const spares: Spares = [];
  const scratch = newScratch();
  let current: Rows | null = null;
  let fresh = 0;
  const stats = { buffered: 0, written: 0, dropped: 0, failing: null as string | null };
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const takes = (rows: Rows, encoding: Encoding, day: number) =>
    rows.encoding === encoding && rows.day === day && rows.count < SEGMENT_ROWS;

  function rowsFor(encoding: Encoding, day: number): Rows {
    if (current !== null && takes(current, encoding, day)) {
      return current;
    }
    let found = filling.find((rows) => takes(rows, encoding, day));
    if (found === undefined) {
      found = newRows(encoding, day, spares);
      filling.push(found);
    }
    current = found;
    return found;
  }

  async function writeOut(): Promise<void> {
    waiting.push(...filling);
    filling = [];
    current = null;
    fresh = 0;
    try {
      while (waiting.length > 0) {
        const rows = waiting[0];
        await writeSegment(join(openFolder(folder, dayOfNumber(rows.day)), nextName()), rows, scratch);
        waiting.shift();
        release(rows);
        stats.buffered -= rows.count;
        stats.written += rows.count;
      }
      stats.failing = null;
    } catch (error) {
      stats.failing = messageOf(error);
    }
  }

  /** One write at a time; who asks during one gets what was appended meanwhile written too. */
  async function flush(): Promise<void> {
    while (writing !== null) {
      await writing;
    }
    writing = writeOut().finally(() => {
      writing = null;
    });
    await writing;
  }

  function flushAfter(pause: number): void {
    timer = setTimeout(async () => {
      const begun = performance.now();
      if (writing === null) {
        await flush();
      }
      if (!closed) {
        flushAfter(Math.max(1, flushMilliseconds / 2 - (performance.now() - begun)));
      }
    }, pause);
    timer.unref();
  }
  flushAfter(flushMilliseconds / 2);

  function appended(count: number): void {
    stats.buffered += count;
    fresh += count;
    if (fresh >= flushRows && writing === null && stats.failing === null) {
      fresh = 0;
      void flush();
    }
  }

  return {
    append: (prediction: LoggedPrediction, encoding: Encoding) => {
      const day = dayOf(prediction.time);
      const fits = prediction.row.length === encoding.columns.length && Number.isFinite(day);
      if (closed || stats.buffered >= maxBuffered || !fits) {
        stats.dropped++;
        return;
      }
      appendRow(rowsFor(encoding, day), prediction);
      appended(1);
    },
    appendRows: (batch: LoggedBatch, from: number, to: number, encoding: Encoding) => {
      const day = dayOf(batch.time);
      const fits =
        batch.values.length === batch.probabilities.length * encoding.columns.length && Number.isFinite(day);
      const kept = closed || !fits ? 0 : Math.max(0, Math.min(to - from, maxBuffered - stats.buffered));
      stats.dropped += to - from - kept;
      for (let row = from; row < from + kept; ) {
        row += appendRows(rowsFor(encoding, day), batch, row, from + kept - row);
      }
      appended(kept);
    },
    flush,
    stats: () => ({ ...stats }),
    close: async () => {
      closed = true;
      clearTimeout(timer ?? undefined);
      await flush();
      stats.dropped += stats.buffered;
      stats.buffered = 0;
    },
  };
}

/** Days since 1970, UTC. */
function dayOf(time: number): number {
  return Math.floor(time / MILLISECONDS_PER_DAY);
}

/** Names that no other process, nor this one after a restart with the same id, gives. */
function segmentNames(): () => string {
  const writer = `${hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_')}-${process.pid}-${randomBytes(4).toString('hex')}`;
  let number = 0;
  return () => `${writer}-${String(++number).padStart(8, '0')}.parquet`;
}

async function writeSegment(path: string, rows: Rows, scratch: Scratch): Promise<void> {
  const write = () =>
    writeWhole(path, async (temporary) => {
      const file = await open(temporary, 'w');
      try {
        for (const piece of segmentPieces(rows, scratch)) {
          await file.appendFile(piece);
        }
      } finally {
        await file.close();
      }
    });
  try {
    await write();
  } catch (error) {
    // A compaction has moved the folder away meanwhile: the next attempt makes a new one.
    if (!(error instanceof ChurnError && (error.cause as NodeJS.ErrnoException)?.code === 'ENOENT')) {
      throw error;
    }
    await write();
  }
  await syncFolders(dirname(path), 3);
}

/** Makes new names outlive a power cut: of the segment, of the folder of open segments, of the day. */
async function syncFolders(path: string, levels: number): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().finally(() => folder.close());
  if (levels > 1) {
    await syncFolders(dirname(path), levels - 1);
  }
}
