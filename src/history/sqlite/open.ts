import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import Database from 'libsql';
import { asFileError } from '../../files.js';
import type { History } from '../history.js';
import { KyselyHistory } from '../kysely-history.js';
import { migrate } from '../migrate.js';
import { commonParts, DEFAULT_PATIENCE_MILLISECONDS, type HistoryOptions } from '../options.js';
import type { Tables } from '../schema.js';
import { LibsqlDialect } from './dialect.js';
import { asHistoryError, isBusy } from './error.js';

export interface SqliteHistoryOptions extends HistoryOptions {
  /** The file; made, with its folders, when it is not there. */
  path: string;
}

/** SQLite calls are synchronous, so while SQLite itself waits for a lock nothing else happens in this process. */
const BLOCKING_WAIT_MILLISECONDS = 20;
const LONGEST_PAUSE_MILLISECONDS = 50;

/** All processes of a file share a machine, and so its clock. */
const TIME = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;

/**
 * Opens the history in one SQLite file, which several processes of one machine may use at once.
 *
 * Durability: write-ahead log with synchronous=FULL, so that a commit is flushed to disk before its promise resolves
 * and outlives a kill and a power cut (as far as the disk keeps its promises). The file, `-wal` and `-shm` belong
 * together. A network file system does not work: WAL needs memory shared between the processes.
 *
 * Concurrency: every write begins immediately, so a transaction never reads first and then fails to get the lock;
 * a busy database is waited for without blocking this process for longer than 20 ms at a time.
 * @throws input.unreadable (damaged, or another program's), history.newer, history.older, io.failed, lock.held
 */
export async function openSqliteHistory(options: SqliteHistoryOptions): Promise<History> {
  const path = resolve(options.path);
  const attempt = patient(path, options.patienceMilliseconds ?? DEFAULT_PATIENCE_MILLISECONDS);
  const database = await connect(path, attempt);
  const db = new Kysely<Tables>({ dialect: new LibsqlDialect(database), log: options.log });
  const common = commonParts(options);
  try {
    await attempt(() => migrate(db, { ...options, program: common.program, place: path, tables: tablesOf }));
  } catch (error) {
    database.close();
    throw error;
  }
  const asOurs = (error: unknown) => asHistoryError(error, path);
  return new KyselyHistory({ ...common, db, databaseTime: TIME, place: path, attempt, asOurs });
}

async function tablesOf(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'
    order by name`.execute(db);
  return rows.map(({ name }) => name);
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
