import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Day, isDay } from '../../time.js';

/**
 * Where the log lies, below its folder, for each day (of the predictions' time, UTC):
 *
 *     2026-03-01/open/<host>-<process>-<chance>-<number>.parquet   segments, written whole
 *     2026-03-01/closed-<mark>/...                                 segments that are being compacted
 *     2026-03-01/predictions-<mark>.parquet                        made of closed-<mark>, which no longer counts
 *     2026-03-01/done-<mark>/...                                   such a folder on its way out
 */
export interface DayPlaces {
  /** The folder that segments are written to; null when it is not there or holds none. */
  open: string | null;
  /** Marks of the folders of segments that count, since their file is not there yet. */
  closed: string[];
  /** Marks of the folders whose segments are in a file. */
  contained: string[];
  /** Folders on their way out. */
  done: string[];
  files: string[];
}

export const openFolder = (folder: string, day: Day) => join(folder, day, 'open');
export const closedFolder = (folder: string, day: Day, mark: string) => join(folder, day, `closed-${mark}`);
export const doneFolder = (folder: string, day: Day, mark: string) => join(folder, day, `done-${mark}`);
export const dayFile = (folder: string, day: Day, mark: string) =>
  join(folder, day, `predictions-${mark}.parquet`);

/** The days of the log, in order. */
export async function loggedDays(folder: string): Promise<Day[]> {
  return (await namesIn(folder)).filter(isDay).sort();
}

export async function placesOf(folder: string, day: Day): Promise<DayPlaces> {
  const names = (await namesIn(join(folder, day))).sort();
  const marks = (pattern: RegExp) => names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
  const written = marks(/^predictions-([0-9a-f]+)\.parquet$/);
  const closed = marks(/^closed-([0-9a-f]+)$/);
  const holding: string[] = [];
  for (const mark of closed.filter((one) => !written.includes(one))) {
    if ((await segmentsIn(closedFolder(folder, day, mark))).length > 0) {
      holding.push(mark);
    }
  }
  const open = openFolder(folder, day);
  return {
    open: (await segmentsIn(open)).length > 0 ? open : null,
    closed: holding,
    contained: closed.filter((mark) => written.includes(mark)),
    done: marks(/^done-([0-9a-f]+)$/).map((mark) => doneFolder(folder, day, mark)),
    files: written.map((mark) => dayFile(folder, day, mark)),
  };
}

/** Names of the whole segments in a folder, sorted. */
export async function segmentsIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => name.endsWith('.parquet') && !name.startsWith('.')).sort();
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      return [];
    }
    throw error;
  });
}
