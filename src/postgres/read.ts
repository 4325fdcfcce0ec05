import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** A column of a query as the server tells it: the OID of its type. */
export interface ServerColumn {
  name: string;
  type: number;
}

/** Reads within one transaction: whatever others write meanwhile, all that it reads is of one moment. */
export interface SnapshotReader {
  /** The columns of a query, without running it. */
  columns(query: string): Promise<ServerColumn[]>;
  /** The rows of a query as CSV in UTF-8 without a header; null is nothing, an empty text is quoted. Times are in UTC. */
  csv(query: string): Readable;
}

const CONNECT_MILLISECONDS = 10_000;
const NAME = 'churn-mlops';

/**
 * Lets `work` read a database in one transaction that can only read. When `signal` is aborted the connection is cut.
 * Errors are those of pg (see trouble.ts).
 */
export async function readSnapshot<T>(
  url: string,
  signal: AbortSignal | undefined,
  work: (reader: SnapshotReader) => Promise<T>,
): Promise<T> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
    application_name: NAME,
    stream: () => socket,
  });
  // A connection that breaks while nobody waits for it would end the process; the next query tells.
  client.on('error', () => undefined);
  const cut = () => socket.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  try {
    signal?.throwIfAborted();
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await client.query("SET LOCAL TIME ZONE 'UTC'");
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query("SET LOCAL datestyle = 'ISO'");
    return await work({
      columns: async (query) => {
        const { fields } = await client.query(`SELECT * FROM (${query}\n) AS source LIMIT 0`);
        return fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
      },
      csv: (query) => client.query(copyTo(`COPY (${query}\n) TO STDOUT (FORMAT csv)`)),
    });
  } finally {
    signal?.removeEventListener('abort', cut);
    // Ends the transaction too: it has nothing to commit.
    socket.destroy();
  }
}
