import type { Kysely, Transaction } from 'kysely';
import { ChurnError } from '../error.js';
import type { Clock } from '../time.js';
import { MIGRATIONS } from './migrations/index.js';
import type { Migration } from './migrations/migration.js';
import type { MigrationRow, Tables } from './schema.js';

export interface MigrateOptions {
  clock: Clock;
  /** Name and version of this program; recorded with every migration it applies. */
  program: string;
  /** How the place is called in messages: a path or a URL without secrets. */
  place: string;
  /** Taken first in the transaction, for a database whose transactions do not already exclude each other. */
  lock?: (transaction: Transaction<Tables>) => Promise<void>;
  /** The names of all tables in the place. */
  tables: (db: Kysely<Tables>) => Promise<string[]>;
  /** manual: an older schema is refused. */
  migrate?: 'auto' | 'manual';
  migrations?: readonly Migration[];
  onMigrate?: (applied: readonly Migration[]) => void;
}

/**
 * Brings the schema to the newest that this program knows, in one transaction; of several processes that try at once
 * one does the work and the others find it done. Reads only when there is nothing to do.
 * @throws history.newer when a newer program has written this history, history.older when it may not be migrated here,
 *   input.unreadable when it is something else.
 */
export async function migrate(db: Kysely<Tables>, options: MigrateOptions): Promise<void> {
  const migrations = options.migrations ?? MIGRATIONS;
  const target = migrations.length;
  const found = await schemaNumber(db, target, options);
  if (found === target) {
    return;
  }
  if (options.migrate === 'manual') {
    throw historyOlder(found, target, options.place);
  }
  const applied = await db.transaction().execute(async (transaction) => {
    await options.lock?.(transaction);
    const present = await schemaNumber(transaction, target, options);
    const missing = migrations.slice(present);
    if (present === 0) {
      await createMigrationTable(transaction);
    }
    for (const migration of missing) {
      await migration.up(transaction);
      await transaction.insertInto('history_migrations').values(record(migration, options)).execute();
    }
    return missing;
  });
  options.onMigrate?.(applied);
}

/** The number of the newest migration applied; 0 for an empty database. */
async function schemaNumber(
  db: Kysely<Tables>,
  target: number,
  { place, tables: tablesOf }: MigrateOptions,
): Promise<number> {
  const tables = await tablesOf(db);
  if (tables.length === 0) {
    return 0;
  }
  if (!tables.includes('history_migrations')) {
    throw new ChurnError('input.unreadable', {
      expected: `a history of churn-mlops in ${place}`,
      came: `a database with other tables (${tables[0]} and ${tables.length - 1} more)`,
      fix: 'name another place in history.url',
    });
  }
  const newest = await db
    .selectFrom('history_migrations')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  refuseNewer(newest, target, place);
  return newest?.number ?? 0;
}

function historyOlder(found: number, target: number, place: string): ChurnError {
  return new ChurnError('history.older', {
    expected: `a history of schema ${target} in ${place}`,
    came: found === 0 ? 'an empty database' : `schema ${found}`,
    fix: 'run `churn-mlops migrate`, or set history.migrate to auto',
  });
}

function refuseNewer(newest: MigrationRow | undefined, target: number, place: string): void {
  if (newest && newest.number > target) {
    throw new ChurnError('history.newer', {
      expected: `a history of schema ${target} or older in ${place}`,
      came: `schema ${newest.number} ("${newest.name}"), written by ${newest.program} on ${newest.applied_at}`,
      fix: `use ${newest.program} or newer, or name another place in history.url`,
    });
  }
}

async function createMigrationTable(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('history_migrations')
    .ifNotExists()
    .addColumn('number', 'integer', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('program', 'text', (c) => c.notNull())
    .addColumn('applied_at', 'text', (c) => c.notNull())
    .execute();
}

function record(migration: Migration, options: MigrateOptions): MigrationRow {
  return {
    number: migration.number,
    name: migration.name,
    program: options.program,
    applied_at: options.clock().toISOString(),
  };
}
