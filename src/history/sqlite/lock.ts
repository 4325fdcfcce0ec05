import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'libsql';
import { asFileError } from '../../files.js';
import type { Held, Lock } from '../lock.js';
import { stillHeld, takeTurn } from '../turns.js';
import { asHistoryError, isBusy } from './error.js';

/**
 * A lock that is an open transaction on an empty SQLite file: the operating system takes it from a holder that was
 * killed, so nothing stale can stay, and a process id that was given away again deceives nobody.
 */
export function sqliteLock(path: string, patienceSeconds: number): Lock {
  const pauses = { firstPauseMilliseconds: 10, longestPauseMilliseconds: 200 };
  return {
    acquire: async (options) => {
      await mkdir(dirname(path), { recursive: true }).catch((error) => {
        throw asFileError(error, path, 'write');
      });
      const held = async () => stillHeld(`these files (${path})`, 'another one', patienceSeconds);
      return takeTurn(async () => tryToHold(path), held, { ...pauses, ...options, patienceSeconds });
    },
  };
}

/** Null when somebody else holds it. Each holder has a connection of its own, so it works within a process too. */
function tryToHold(path: string): Held | null {
  let database: Database.Database | null = null;
  try {
    const held = new Database(path, { timeout: 0 });
    database = held;
    held.exec('BEGIN IMMEDIATE');
    return {
      // Only its end takes it from a process.
      signal: new AbortController().signal,
      release: async () => {
        held.exec('ROLLBACK');
        held.close();
      },
    };
  } catch (error) {
    database?.close();
    if (isBusy(error)) {
      return null;
    }
    throw asHistoryError(error, path);
  }
}
