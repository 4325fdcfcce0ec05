import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ChurnError, messageOf } from './error.js';

/**
 * Lets `write` fill a temporary file beside `path`, flushes it to disk and renames it into place, so that a reader
 * sees the old file or the new one and never a part. On failure the temporary file is removed and the old one stays.
 * @throws io.failed when the disk is full, read-only or not permitted; errors of `write` pass through.
 */
export async function writeWhole<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = temporaryBeside(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeLeftovers(dirname(path), { of: path });
    const result = await write(temporary);
    const handle = await open(temporary, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(temporary, path);
    return result;
  } catch (error) {
    await rm(temporary, { force: true, recursive: true }).catch(() => undefined);
    throw asFileError(error, path, 'write');
  } finally {
    own.delete(temporary);
  }
}

/** Writes a text whole (see writeWhole). */
export async function writeText(path: string, text: string): Promise<void> {
  await writeBytes(path, Buffer.from(text));
}

/** Writes a document as indented JSON with a final newline, whole (see writeWhole). */
export async function writeJson(path: string, document: unknown): Promise<void> {
  await writeText(path, `${JSON.stringify(document, null, 2)}\n`);
}

/** Writes bytes whole (see writeWhole). */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  await writeWhole(path, async (temporary) => {
    const handle = await open(temporary, 'w');
    await handle.writeFile(bytes).finally(() => handle.close());
  });
}

/**
 * Reads a JSON document.
 * @throws input.missing when there is no such file, input.unreadable when it is not JSON.
 */
export async function readJson<T>(path: string): Promise<T> {
  const text = await readText(path);
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new ChurnError('input.unreadable', { expected: `JSON in ${path}`, came: messageOf(error) }, error);
  }
}

/** Reads a text file. @throws input.missing, io.failed */
export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error) => {
    throw asFileError(error, path, 'read');
  });
}

/** Where a file lies, its size and its time: a file that was written again has others. */
export async function fileState(path: string): Promise<string> {
  const { size, mtimeNs } = await stat(path, { bigint: true }).catch((error) => {
    throw asFileError(error, path, 'read');
  });
  return `${path} ${size} ${mtimeNs}`;
}

/** SHA-256 of a file's content, in hex. @throws input.missing, io.failed */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    const file = await open(path);
    try {
      // One buffer for all: those of a stream keep the garbage collector longer than the hash takes.
      const buffer = Buffer.allocUnsafe(1 << 20);
      for (let size = 1; size > 0; ) {
        size = (await file.read(buffer)).bytesRead;
        hash.update(buffer.subarray(0, size));
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asFileError(error, path, 'read');
  }
  return hash.digest('hex');
}

/**
 * Lets `fill` put files into a temporary folder beside `path` and renames it into place. When the folder is there
 * already it is left as it is, and the answer is false.
 */
export async function writeFolderWhole(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<boolean> {
  const temporary = temporaryBeside(path);
  try {
    await mkdir(temporary, { recursive: true });
    await removeLeftovers(dirname(path), { of: path });
    await fill(temporary);
    await rename(temporary, path);
    return true;
  } catch (error) {
    await rm(temporary, { force: true, recursive: true }).catch(() => undefined);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') {
      return false;
    }
    throw asFileError(error, path, 'write');
  } finally {
    own.delete(temporary);
  }
}

/** Removes a folder: it is renamed first, so that nobody sees a part of it; what a kill leaves is a leftover. */
export async function removeFolderWhole(path: string): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await rename(path, temporary);
    await removeTemporary(temporary);
  } catch (error) {
    throw asFileError(error, path, 'write');
  } finally {
    own.delete(temporary);
  }
}

/** .NAME.tmp-PROCESS-, four digits of the host's name, eight of chance. */
const TEMPORARY = /^\.(.+)\.tmp-(\d+)-([0-9a-f]{4})[0-9a-f]{8}$/;

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 4);

/** What this process writes now. Another one of its id is a process before it: in a container ids begin anew. */
const own = new Set<string>();

/**
 * A place in the same folder that nobody else uses, for a file or a folder. Its name tells whose it is, so that what a kill
 * leaves there is found (see removeLeftovers). Ends by `removeTemporary`.
 */
export function temporaryBeside(path: string): string {
  const chance = `${HOST}${randomBytes(4).toString('hex')}`;
  const temporary = join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${chance}`);
  own.add(temporary);
  return temporary;
}

/** Removes a file or folder of temporaryBeside, whether it is there or not. */
export async function removeTemporary(temporary: string): Promise<void> {
  await rm(temporary, { force: true, recursive: true });
  own.delete(temporary);
}

export interface LeftoverOptions {
  /** Only what was to become this file or folder. */
  of?: string;
  /** Nobody on another host writes into this folder now, so that temporary files of others are leftovers too. */
  alone?: boolean;
}

/** Removes temporary files in `folder` whose process no longer lives, left by a kill or a power cut. */
export async function removeLeftovers(
  folder: string,
  { of, alone = false }: LeftoverOptions = {},
): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const left = names.filter((name) => {
    const [, target, owner, host] = TEMPORARY.exec(name) ?? [];
    if (target === undefined || (of !== undefined && lastTarget(target) !== basename(of))) {
      return false;
    }
    return host === HOST ? !isAtWork(Number(owner), join(folder, name)) : alone;
  });
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true, recursive: true })));
  return left;
}

/** What a temporary file was to become in the end: it may be one of a temporary file. */
function lastTarget(target: string): string {
  const next = TEMPORARY.exec(target)?.[1];
  return next === undefined ? target : lastTarget(next);
}

function isAtWork(owner: number, temporary: string): boolean {
  return owner === process.pid ? own.has(temporary) : isAlive(owner);
}

/** True when a process of that id runs on this machine. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  EFBIG: 'a file may not be that large here',
  ENOTDIR: 'a part of the path is not a folder',
  EMFILE: 'too many files are open',
};

/** Turns a system error into ours, with the path and a plain reason; our own errors pass through. */
export function asFileError(error: unknown, path: string, doing: 'read' | 'write'): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof ChurnError || typeof code !== 'string') {
    return error;
  }
  if (code === 'ENOENT' && doing === 'read') {
    return new ChurnError('input.missing', { expected: `the file ${path}`, came: 'nothing there' }, error);
  }
  // Node says so too where a folder cannot be made on a read-only file system.
  const noFolder = code === 'ENOENT' ? 'its folder cannot be made: is the file system read-only?' : undefined;
  return new ChurnError(
    'io.failed',
    { expected: `to ${doing} ${path}`, came: REASONS[code] ?? noFolder ?? messageOf(error) },
    error,
  );
}
