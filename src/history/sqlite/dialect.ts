import { type DatabaseConnection, SqliteDialect, SqliteDriver, type TransactionSettings } from 'kysely';
import type Database from 'libsql';

/**
 * Kysely's SQLite dialect over libsql, with two differences. A transaction begins IMMEDIATE: a deferred one that reads
 * and then writes fails at once when another process wrote in between, and no timeout helps. And begin, commit and
 * rollback go through `exec`: a prepared BEGIN that found the database busy stays open in libsql until it is collected,
 * and makes a later COMMIT fail with "SQL statements in progress".
 */
export class LibsqlDialect extends SqliteDialect {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#database);
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override async beginTransaction(
    _connection?: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    this.#database.exec(settings?.accessMode === 'read only' ? 'BEGIN' : 'BEGIN IMMEDIATE');
  }

  override async commitTransaction(): Promise<void> {
    this.#database.exec('COMMIT');
  }

  /** A full disk makes SQLite roll back by itself; a second rollback would hide why. */
  override async rollbackTransaction(): Promise<void> {
    if (this.#database.inTransaction) {
      this.#database.exec('ROLLBACK');
    }
  }

  /**
   * libsql closes the file only when its statements are collected, so what the log holds is moved into the file here:
   * a closed history is one file again, unless others use it.
   */
  override async destroy(): Promise<void> {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The log stays and is read at the next opening: nothing is lost.
    }
    this.#database.close();
  }
}
