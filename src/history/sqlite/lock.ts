import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { ChurnError } from '../../error.js';
import { asFileError } from '../../files.js';
import type { Lock } from '../lock.js';
import { asHistoryError, isBusy } from './error.js';

const FIRST_PAUSE_MILLISECONDS = 10;
const LONGEST_PAUSE_MILLISECONDS = 200;

/**
 * A lock that is an open transaction on an empty SQLite file: the operating system takes it from a holder that was
 * killed, so nothing stale can stay, and a process id that was given away again deceives nobody.
 */
export function sqliteLock(path: string, patienceSeconds: number): Lock {
  return {
    acquire: async ({ signal, onWait }) => {
      await mkdir(dirname(path), { recursive: true }).catch((error) => {
        throw asFileError(error, path, 'write');
      });
      const started = performance.now();
      let pause = FIRST_PAUSE_MILLISECONDS;
      for (;;) {
        const release = tryToHold(path);
        if (release !== null) {
          return release;
        }
        if (pause === FIRST_PAUSE_MILLISECONDS) {
          onWait?.();
        }
        if (performance.now() - started > 1000 * patienceSeconds) {
          throw stillHeld(path, patienceSeconds);
        }
        await sleep(pause, undefined, { signal }).catch(() => {
          throw new ChurnError('work.cancelled', {
            expected: 'to wait for another job',
            came: 'a request to stop',
          });
        });
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS);
      }
    },
  };
}

/** Null when somebody else holds it. Each holder has a connection of its own, so it works within a process too. */
function tryToHold(path: string): (() => void) | null {
  let database: Database.Database | null = null;
  try {
    const held = new Database(path, { timeout: 0 });
    database = held;
    held.exec('BEGIN IMMEDIATE');
    return () => {
      held.exec('ROLLBACK');
      held.close();
    };
  } catch (error) {
    database?.close();
    if (isBusy(error)) {
      return null;
    }
    throw asHistoryError(error, path);
  }
}

function stillHeld(path: string, seconds: number): ChurnError {
  return new ChurnError('lock.held', {
    expected: `to be the only job that changes these files (${path})`,
    came: `another one, for the ${seconds} s that we waited`,
    fix: 'run again when it has finished; `churn-mlops history` shows what runs',
  });
}
