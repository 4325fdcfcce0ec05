import { mkdir } from 'node:fs/promises';
import { asFileError, writeWhole } from '../../files.js';
import { appendChunks, storedColumn, typedColumn } from './duckdb-append.js';
import { COLUMN_TYPES, readChunk } from './duckdb-chunks.js';
import {
  type Connection,
  type Database,
  duckdb,
  execute,
  openDatabase,
  resultColumns,
  type Statement,
} from './duckdb-client.js';
import { COPY_OPTIONS, csvOptions } from './duckdb-copy.js';
import { duckdbDialect } from './duckdb-dialect.js';
import { asEngineError, cancelled } from './duckdb-errors.js';
import { sampleQuery } from './duckdb-sample.js';
import { readRows, VALUE_TYPES } from './duckdb-values.js';
import type { Engine } from './engine.js';
import { openKeeper } from './keeper.js';
import { identifier, join, raw, render, type Sql, sql } from './sql.js';
import { collectYoungGarbage } from './young-garbage.js';

export interface DuckDBSettings {
  /** As DuckDB writes it, for example `2GB`. */
  memoryLimit: string;
  threads: number;
  /** Folder for what does not fit into memory. */
  spillFolder: string;
}

/** How far the engine's threads may work ahead of who reads a result: with its own megabyte one of them at most has work. */
const STREAMED_AHEAD = '4MiB';

const CHUNKS_BEFORE_COLLECTING = 32;

/** Opens an engine in this process; its tables live as long as it does. */
export async function openDuckDB(settings: DuckDBSettings): Promise<Engine> {
  await mkdir(settings.spillFolder, { recursive: true }).catch((error) => {
    throw asFileError(error, settings.spillFolder, 'write');
  });
  const database = await openDatabase({
    memory_limit: settings.memoryLimit,
    threads: String(settings.threads),
    temp_directory: settings.spillFolder,
  });
  // Days are days in UTC, wherever the machine stands.
  await withConnection(database, (connection) => duckdb.query(connection, "SET GLOBAL TimeZone = 'UTC'"));

  // Every call has a connection of its own: a stream ends when its connection runs anything else, and an interrupt
  // stops whatever its connection runs.
  const call = <T>(
    statement: Sql,
    signal: AbortSignal | undefined,
    action: (connection: Connection, statement: Statement) => Promise<T>,
  ) =>
    withConnection(database, (connection) => {
      const rendered = render(statement, duckdbDialect);
      return interruptible(connection, rendered.text, signal, () => action(connection, rendered));
    });

  const run = (statement: Sql, signal?: AbortSignal) =>
    call(statement, signal, async (connection, rendered) => {
      await execute(connection, rendered);
    });

  const rows = <T>(query: Sql, signal?: AbortSignal) =>
    call(query, signal, async (connection, rendered) =>
      readRows<T>(await execute(connection, rendered, { readable: VALUE_TYPES })),
    );

  const describe = async (query: Sql) => {
    const found = await rows<{ column_name: string; column_type: string }>(sql`DESCRIBE ${query}`);
    return found.map(({ column_name, column_type }) => ({ name: column_name, type: column_type }));
  };

  const copy = (query: Sql, path: string, options: string, signal?: AbortSignal) => {
    const target = raw(`${duckdbDialect.quoteText(path)} (${options})`);
    return call(sql`COPY (${query}) TO ${target}`, signal, async (connection, rendered) =>
      duckdb.rows_changed(await execute(connection, rendered)),
    );
  };

  const kept = openKeeper(settings.spillFolder);

  return {
    name: 'duckdb',
    dialect: duckdbDialect,
    run,

    rows,

    async *columns(query, signal) {
      const connection = await duckdb.connect(database);
      let next: Promise<unknown> | undefined;
      try {
        await duckdb.query(connection, `SET streaming_buffer_size = '${STREAMED_AHEAD}'`);
        const rendered = render(query, duckdbDialect);
        const step = <T>(action: () => Promise<T>) =>
          interruptible(connection, rendered.text, signal, action);
        const result = await step(() =>
          execute(connection, rendered, { streamed: true, readable: COLUMN_TYPES }),
        );
        const columns = resultColumns(result);
        // The engine works on the next chunk while the reader has this one.
        const fetch = () => {
          const fetched = step(() => duckdb.fetch_chunk(result));
          next = fetched.catch(() => undefined);
          return fetched;
        };
        let fetched = fetch();
        for (let chunks = 1; ; chunks++) {
          const chunk = await fetched;
          if (chunk === null || duckdb.data_chunk_get_size(chunk) === 0) {
            return;
          }
          fetched = fetch();
          if (chunks % CHUNKS_BEFORE_COLLECTING === 0) {
            collectYoungGarbage();
          }
          yield readChunk(chunk, columns);
        }
      } finally {
        await next;
        duckdb.disconnect_sync(connection);
      }
    },

    sample: (selected, relation, most, seed) =>
      sampleQuery({ rows, describe }, selected, relation, most, seed),
    describe,
    once: kept.once,

    load: async (table, columns, chunks) => {
      const staging = `${table}__staging`;
      await run(sql`CREATE OR REPLACE TABLE ${identifier(staging)} (${join(columns.map(storedColumn))})`);
      await withConnection(database, (connection) => appendChunks(connection, staging, columns, chunks));
      const typed = columns.map((column) => sql`${typedColumn(column)} AS ${identifier(column.name)}`);
      await run(
        sql`CREATE OR REPLACE VIEW ${identifier(table)} AS SELECT ${join(typed)} FROM ${identifier(staging)}`,
      );
    },

    write: (query, path, format, signal, ifEmpty) =>
      writeWhole(path, async (temporary) => {
        const options = format === 'csv' ? csvOptions(await describe(query)) : COPY_OPTIONS[format];
        const rows = await copy(query, temporary, options, signal);
        if (rows === 0 && ifEmpty !== undefined) {
          throw ifEmpty();
        }
        return rows;
      }),

    keep: (query, path, signal) =>
      writeWhole(path, async (temporary) => {
        await copy(query, temporary, COPY_OPTIONS.kept, signal);
      }),

    close: async () => {
      duckdb.close_sync(database);
      await kept.forget();
    },
  };
}

async function withConnection<T>(
  database: Database,
  action: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await duckdb.connect(database);
  try {
    return await action(connection);
  } finally {
    duckdb.disconnect_sync(connection);
  }
}

/** An interrupt that comes before the statement has started is lost, so it is repeated until the statement ends. */
const INTERRUPT_EVERY_MILLISECONDS = 20;

async function interruptible<T>(
  connection: Connection,
  statement: string,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) {
    throw cancelled(signal.reason);
  }
  let repeated: NodeJS.Timeout | undefined;
  const interrupt = () => {
    duckdb.interrupt(connection);
    repeated = setInterval(() => duckdb.interrupt(connection), INTERRUPT_EVERY_MILLISECONDS);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    return await action();
  } catch (error) {
    throw asEngineError(error, statement, signal);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(repeated);
  }
}
