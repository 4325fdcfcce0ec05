import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import Database from 'libsql';
import { asFileError, isAlive } from '../files.js';
import type { Clock } from '../time.js';
import type { History, ProcessMark } from './history.js';
import { KyselyHistory } from './kysely-history.js';
import { type MigrateOptions, migrate } from './migrate.js';
import { idMaker } from './run-id.js';
import type { Tables } from './schema.js';
import { LibsqlDialect } from './sqlite-dialect.js';
import { asHistoryError, isBusy } from './sqlite-error.js';

export interface SqliteHistoryOptions {
  /** The file; made, with its folders, when it is not there. */
  path: string;
  clock: Clock;
  /** Default: this process. */
  processId?: number;
  /** Default: the name of this machine. */
  host?: string;
  /** Name and version of this program, told to an older one that cannot read what we wrote. */
  program?: string;
  /** Longest wait for other writers, in milliseconds. */
  patienceMilliseconds?: number;
  /** Whole numbers below a bound, for ids. */
  chance?: (bound: number) => number;
  migrations?: MigrateOptions['migrations'];
}

/** SQLite calls are synchronous, so while SQLite itself waits for a lock nothing else happens in this process. */
const BLOCKING_WAIT_MILLISECONDS = 20;
const LONGEST_PAUSE_MILLISECONDS = 50;

/**
 * Opens the history in one SQLite file, which several processes of one machine may use at once.
 *
 * Durability: write-ahead log with synchronous=FULL, so that a commit is flushed to disk before its promise resolves
 * and outlives a kill and a power cut (as far as the disk keeps its promises). The file, `-wal` and `-shm` belong
 * together. A network file system does not work: WAL needs memory shared between the processes.
 *
 * Concurrency: every write begins immediately, so a transaction never reads first and then fails to get the lock;
 * a busy database is waited for without blocking this process for longer than 20 ms at a time.
 * @throws input.unreadable (damaged, or another program's), history.newer (newer schema), io.failed, lock.held
 */
export async function openSqliteHistory(options: SqliteHistoryOptions): Promise<History> {
  const path = resolve(options.path);
  const host = options.host ?? hostname();
  const attempt = patient(path, options.patienceMilliseconds ?? 30_000);
  const database = await connect(path, attempt);
  const db = new Kysely<Tables>({ dialect: new LibsqlDialect(database) });
  try {
    const { clock, migrations, program = 'churn-mlops' } = options;
    await attempt(() => migrate(db, { clock, program, place: path, migrations }));
  } catch (error) {
    database.close();
    throw error;
  }
  return new KyselyHistory({
    db,
    clock: options.clock,
    newId: idMaker(options.chance ?? ((bound) => randomInt(bound))),
    process: { id: options.processId ?? process.pid, host },
    isAlive: (mark: ProcessMark) => (mark.host === host ? isAlive(mark.id) : null),
    attempt,
  });
}

type Attempt = <T>(work: () => Promise<T>) => Promise<T>;

async function connect(path: string, attempt: Attempt): Promise<Database.Database> {
  await mkdir(dirname(path), { recursive: true }).catch((error) => {
    throw asFileError(error, path, 'write');
  });
  return attempt(async () => {
    const database = new Database(path, { timeout: BLOCKING_WAIT_MILLISECONDS });
    try {
      database.exec('PRAGMA journal_mode = WAL');
      database.exec('PRAGMA synchronous = FULL');
      database.exec('PRAGMA foreign_keys = ON');
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Repeats work while the database is busy, with pauses that grow, and turns errors into ours. */
function patient(path: string, patienceMilliseconds: number): Attempt {
  return async (work) => {
    let waited = 0;
    for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS)) {
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error) || waited >= patienceMilliseconds) {
          throw asHistoryError(error, path);
        }
      }
      await sleep(pause);
      waited += pause + BLOCKING_WAIT_MILLISECONDS;
    }
  };
}
