import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Engine } from '../../data/engine/engine.js';
import { sql } from '../../data/engine/sql.js';
import { asFileError, removeLeftovers } from '../../files.js';
import type { Lock } from '../../history/lock.js';
import type { Day } from '../../time.js';
import { closedFolder, dayFile, doneFolder, placesOf, segmentsIn } from './places.js';
import { unionOf } from './relation.js';

export interface CompactRequest {
  engine: Engine;
  folder: string;
  /** Usually a day that is over; segments that come later are added by the next compaction. */
  day: Day;
  /** Held meanwhile, so that compactions do not overlap and a job that reads the log does not lose its files. */
  lock?: Lock;
  signal?: AbortSignal;
}

export interface CompactResult {
  files: { path: string; rows: number }[];
}

/**
 * Turns the segments of a day, with the file of an earlier compaction, into one Parquet file, sorted by time.
 *
 * The folder of open segments is renamed to closed-MARK, and earlier files are moved into it: then it does not change any
 * more. predictions-MARK.parquet is written whole; the moment it has its name, closed-MARK no longer counts. It is renamed
 * before it is removed, so that nobody ever sees a part of it. So at every moment each prediction counts once, whatever
 * is killed when, and the next compaction finishes what was begun. Writers need not stop; two compactions of one day must not
 * overlap, which the lock sees to.
 */
export async function compactPredictionLog(request: CompactRequest): Promise<CompactResult> {
  const held = await request.lock?.acquire({ signal: request.signal });
  try {
    const signals = [request.signal, held?.signal].filter((signal) => signal !== undefined);
    return await compact({ ...request, signal: AbortSignal.any(signals) });
  } finally {
    await held?.release();
  }
}

async function compact({ engine, folder, day, signal }: CompactRequest): Promise<CompactResult> {
  await removeLeftovers(join(folder, day), { alone: true });
  for (const path of (await placesOf(folder, day)).done) {
    await rm(path, { recursive: true, force: true });
  }
  for (const mark of (await placesOf(folder, day)).contained) {
    await discard(folder, day, mark);
  }
  await closeSegments(folder, day);
  const { closed } = await placesOf(folder, day);
  const files: CompactResult['files'] = [];
  for (const mark of closed) {
    const path = dayFile(folder, day, mark);
    const rows = await writeDay(engine, closedFolder(folder, day, mark), path, signal);
    files.push({ path, rows });
    await discard(folder, day, mark);
  }
  return { files };
}

/** Moves open segments aside, and the files there are beside them. */
async function closeSegments(folder: string, day: Day): Promise<void> {
  const { open, files } = await placesOf(folder, day);
  if (open === null && files.length < 2) {
    return;
  }
  const target = closedFolder(folder, day, randomBytes(4).toString('hex'));
  await (open === null ? mkdir(target) : moved(open, target));
  for (const file of files) {
    await moved(file, join(target, basename(file)));
  }
}

/** Takes a folder out whose segments are in a file. */
async function discard(folder: string, day: Day, mark: string): Promise<void> {
  const path = doneFolder(folder, day, mark);
  await moved(closedFolder(folder, day, mark), path);
  await rm(path, { recursive: true, force: true });
}

async function moved(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error) => {
    if (error.code !== 'ENOENT') {
      throw asFileError(error, from, 'write');
    }
  });
}

/** Writes the file of a folder of segments; returns its rows. */
async function writeDay(
  engine: Engine,
  segments: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (;;) {
    const names = await segmentsIn(segments);
    const relation = await unionOf(engine, [`${segments}/*.parquet`]);
    const query = sql`SELECT * FROM ${relation} AS segments ORDER BY time`;
    const rows = await engine.write(query, path, 'parquet', signal);
    // A writer that was naming its segment when the folder was renamed may have come after.
    if ((await segmentsIn(segments)).length === names.length) {
      return rows;
    }
  }
}
