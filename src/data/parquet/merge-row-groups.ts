import { type FileHandle, open } from 'node:fs/promises';
import { type Footer, footerBytes, type RowGroup, readFooter, sameSchema, shifted } from './footer.js';

/** Some row groups of a file, in the order in which they are to stand. */
export interface Piece {
  path: string;
  footer: Footer;
  groups: readonly RowGroup[];
}

const MAGIC = Buffer.from('PAR1');
const COPY_BYTES = 4 * 2 ** 20;

/**
 * Writes a Parquet file of the pieces' row groups, copied as bytes: no page is decoded. Costs what copying a file costs.
 * @throws RangeError when the pieces differ in their columns
 */
export async function mergeRowGroups(
  target: string,
  pieces: readonly Piece[],
  keyValues: ReadonlyMap<string, string>,
): Promise<void> {
  if (pieces.some(({ footer }) => !sameSchema(footer, pieces[0].footer))) {
    throw new RangeError('row groups of different columns cannot lie in one file');
  }
  const into = await open(target, 'w');
  try {
    await into.writeFile(MAGIC);
    let end = MAGIC.length;
    const groups: RowGroup[] = [];
    for (const piece of pieces) {
      const from = await open(piece.path, 'r');
      try {
        for (const run of adjacent(piece.groups)) {
          groups.push(...run.groups.map((group) => shifted(group, end - run.start)));
          await copyBytes(from, run.start, run.end, into);
          end += run.end - run.start;
        }
      } finally {
        await from.close();
      }
    }
    await into.writeFile(footerBytes(pieces[0].footer, groups, keyValues));
  } finally {
    await into.close();
  }
}

interface Run {
  start: number;
  end: number;
  groups: RowGroup[];
}

/** Groups that lie one after another, so that they are copied at once. */
function adjacent(groups: readonly RowGroup[]): Run[] {
  const runs: Run[] = [];
  for (const group of groups) {
    const last = runs.at(-1);
    if (last?.end === group.start) {
      last.end = group.end;
      last.groups.push(group);
    } else {
      runs.push({ start: group.start, end: group.end, groups: [group] });
    }
  }
  return runs;
}

async function copyBytes(from: FileHandle, start: number, end: number, into: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, end - start));
  for (let at = start; at < end; ) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) {
      throw new RangeError('the file ends within a row group');
    }
    await into.writeFile(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** Replaces a file's key-values where they lie. Only for a file that nobody reads yet. */
export async function stampKeyValues(path: string, keyValues: ReadonlyMap<string, string>): Promise<void> {
  const footer = await readFooter(path);
  const file = await open(path, 'r+');
  try {
    await file.truncate(footer.dataEnd);
    const bytes = footerBytes(footer, footer.groups, keyValues);
    await file.write(bytes, 0, bytes.length, footer.dataEnd);
  } finally {
    await file.close();
  }
}
