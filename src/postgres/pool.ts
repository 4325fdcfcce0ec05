import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { troubleOf } from './trouble.js';

export interface PoolSettings {
  /** Most connections of this process. */
  connections: number;
  /** Longest time to get a connection, in seconds. */
  connectSeconds: number;
  /** Longest time of one statement, in seconds. */
  statementSeconds: number;
  /** Longest wait for a lock of others, in seconds. */
  lockSeconds: number;
}

export const DEFAULT_POOL: PoolSettings = {
  connections: 4,
  connectSeconds: 5,
  statementSeconds: 30,
  lockSeconds: 10,
};

/** The server ends a slow statement; the client ends one whose server has vanished, this much later. */
const SILENCE_MILLISECONDS = 2000;
const ABANDONED_MILLISECONDS = 60_000;
const IDLE_MILLISECONDS = 30_000;

const INT8 = 20;

/** Connections that are thrown away, not used again, once they have failed. */
export function openPool(url: string, settings: PoolSettings): PostgresPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: settings.connections,
    connectionTimeoutMillis: 1000 * settings.connectSeconds,
    statement_timeout: 1000 * settings.statementSeconds,
    lock_timeout: 1000 * settings.lockSeconds,
    // A host that vanished within a transaction must not hold its locks for hours.
    idle_in_transaction_session_timeout: ABANDONED_MILLISECONDS,
    query_timeout: 1000 * settings.statementSeconds + SILENCE_MILLISECONDS,
    idleTimeoutMillis: IDLE_MILLISECONDS,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'churn-mlops',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
    } as pg.CustomTypesConfig,
  });
  // A connection that breaks while nobody listens would end the process; whoever uses it next is told.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    connect: async () => trusted(await pool.connect()),
    end: () => pool.end(),
  };
}

function trusted(client: pg.PoolClient): PostgresPoolClient {
  let broken: Error | undefined;
  const query = async (sql: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      broken = troubleOf(error) === 'away' ? (error as Error) : broken;
      throw error;
    }
  };
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(broken) };
}
