import { Kysely, sql, type Transaction } from 'kysely';
import { placeOf } from '../../postgres/place.js';
import { DEFAULT_POOL, openPool, type PoolSettings } from '../../postgres/pool.js';
import type { History } from '../history.js';
import { KyselyHistory } from '../kysely-history.js';
import { migrate } from '../migrate.js';
import { chanceOf, commonParts, DEFAULT_PATIENCE_MILLISECONDS, type HistoryOptions } from '../options.js';
import type { Tables } from '../schema.js';
import { ByteOrderDialect } from './dialect.js';
import { asHistoryError } from './error.js';
import { patient } from './patience.js';

export interface PostgresHistoryOptions extends HistoryOptions {
  /** postgres://USER:PASSWORD@HOST:PORT/DATABASE */
  url: string;
  pool?: Partial<PoolSettings>;
}

/** All hosts of a database share its clock. */
const TIME = sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;

/** Of the advisory lock under which one process migrates: "churn" in ASCII. */
const MIGRATION_LOCK = 0x636875726e;

/**
 * Opens the history in the current schema of a PostgreSQL database, which processes on any number of hosts may use at once.
 *
 * Durability is the server's: with synchronous_commit on, as by default, a commit outlives its crash. While the server
 * is away, reads and whole transactions are repeated for the patience, then fail with history.away.
 * @throws history.away, history.newer, history.older, config.invalid (wrong password, no such database),
 *   input.unreadable (tables of another program)
 */
export async function openPostgresHistory(options: PostgresHistoryOptions): Promise<History> {
  const place = placeOf(options.url);
  const pool = openPool(options.url, { ...DEFAULT_POOL, ...options.pool });
  const db = new Kysely<Tables>({ dialect: new ByteOrderDialect(pool), log: options.log });
  const milliseconds = options.patienceMilliseconds ?? DEFAULT_PATIENCE_MILLISECONDS;
  const attempt = patient({ place, milliseconds, chance: chanceOf(options) });
  const common = commonParts(options);
  try {
    const { program } = common;
    await attempt(() => migrate(db, { ...options, program, place, tables: tablesOf, lock: oneMigrates }));
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const asOurs = (error: unknown) => asHistoryError(error, place);
  return new KyselyHistory({ ...common, db, databaseTime: TIME, place, attempt, asOurs });
}

async function tablesOf(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema() order by tablename`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

/** An index on a large table takes longer than a statement may otherwise. */
async function oneMigrates(transaction: Transaction<Tables>): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(transaction);
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
}
