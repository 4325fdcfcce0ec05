import { mkdir } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBType, DuckDBValue, DuckDBInstance as Instance } from '@duckdb/node-api';
import { asFileError, writeWhole } from '../../files.js';
import { appendChunks, readChunk, storedColumn, typedColumn } from './duckdb-chunks.js';
import { DuckDBInstance } from './duckdb-client.js';
import { COPY_OPTIONS, csvOptions } from './duckdb-copy.js';
import { duckdbDialect } from './duckdb-dialect.js';
import { asEngineError, cancelled } from './duckdb-errors.js';
import { bind, plain } from './duckdb-values.js';
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

type Statement = [text: string, values: DuckDBValue[], types: DuckDBType[]];

/** Opens an engine in this process; its tables live as long as it does. */
export async function openDuckDB(settings: DuckDBSettings): Promise<Engine> {
  await mkdir(settings.spillFolder, { recursive: true }).catch((error) => {
    throw asFileError(error, settings.spillFolder, 'write');
  });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: settings.memoryLimit,
    threads: String(settings.threads),
    temp_directory: settings.spillFolder,
  });
  // Days are days in UTC, wherever the machine stands.
  await withConnection(instance, (connection) => connection.run("SET GLOBAL TimeZone = 'UTC'"));

  // Every call has a connection of its own: a stream ends when its connection runs anything else, and an interrupt
  // stops whatever its connection runs.
  const call = <T>(
    statement: Sql,
    signal: AbortSignal | undefined,
    action: (connection: DuckDBConnection, statement: Statement) => Promise<T>,
  ) =>
    withConnection(instance, (connection) => {
      const rendered = renderBound(statement);
      return interruptible(connection, rendered[0], signal, () => action(connection, rendered));
    });

  const run = (statement: Sql, signal?: AbortSignal) =>
    call(statement, signal, async (connection, bound) => {
      await connection.run(...bound);
    });

  const describe = (query: Sql) =>
    call(sql`DESCRIBE ${query}`, undefined, async (connection, bound) => {
      const reader = await connection.runAndReadAll(...bound);
      return reader.getRowsJS().map((row) => ({ name: String(row[0]), type: String(row[1]) }));
    });

  const copy = (query: Sql, path: string, options: string, signal?: AbortSignal) => {
    const target = raw(`${duckdbDialect.quoteText(path)} (${options})`);
    return call(sql`COPY (${query}) TO ${target}`, signal, async (connection, bound) => {
      const result = await connection.run(...bound);
      return result.rowsChanged;
    });
  };

  const kept = openKeeper(settings.spillFolder);

  return {
    name: 'duckdb',
    dialect: duckdbDialect,
    run,

    rows: <T>(query: Sql, signal?: AbortSignal) =>
      call(query, signal, async (connection, bound) => {
        const reader = await connection.runAndReadAll(...bound);
        const names = reader.deduplicatedColumnNames();
        return reader
          .getRowsJS()
          .map(
            (row) =>
              Object.fromEntries(
                row.map((value, i) => [names[i], plain(value, reader.columnTypeId(i))]),
              ) as T,
          );
      }),

    async *columns(query, signal, lent = false) {
      const connection = await instance.connect();
      let next: Promise<unknown> | undefined;
      try {
        await connection.run(`SET streaming_buffer_size = '${STREAMED_AHEAD}'`);
        const bound = renderBound(query);
        const step = <T>(action: () => Promise<T>) => interruptible(connection, bound[0], signal, action);
        const result = await step(() => connection.stream(...bound));
        const types = result.columnTypes().map(({ typeId }) => typeId);
        // The engine works on the next chunk while the reader has this one.
        const fetch = () => {
          const fetched = step(() => result.fetchChunk());
          next = fetched.catch(() => undefined);
          return fetched;
        };
        let fetched = fetch();
        for (let chunks = 1; ; chunks++) {
          const chunk = await fetched;
          if (chunk === null || chunk.rowCount === 0) {
            return;
          }
          fetched = fetch();
          if (chunks % CHUNKS_BEFORE_COLLECTING === 0) {
            collectYoungGarbage();
          }
          yield readChunk(chunk, types, lent);
        }
      } finally {
        await next;
        connection.closeSync();
      }
    },

    describe,
    once: kept.once,

    load: async (table, columns, chunks) => {
      const staging = `${table}__staging`;
      await run(sql`CREATE OR REPLACE TABLE ${identifier(staging)} (${join(columns.map(storedColumn))})`);
      await withConnection(instance, (connection) => appendChunks(connection, staging, columns, chunks));
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
      instance.closeSync();
      await kept.forget();
    },
  };
}

function renderBound(statement: Sql): Statement {
  const { text, values } = render(statement, duckdbDialect);
  const bound = values.map(bind);
  return [text, bound.map(({ value }) => value), bound.map(({ type }) => type)];
}

async function withConnection<T>(
  instance: Instance,
  action: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await instance.connect();
  try {
    return await action(connection);
  } finally {
    connection.closeSync();
  }
}

/** An interrupt that comes before the statement has started is lost, so it is repeated until the statement ends. */
const INTERRUPT_EVERY_MILLISECONDS = 20;

async function interruptible<T>(
  connection: DuckDBConnection,
  statement: string,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) {
    throw cancelled(signal.reason);
  }
  let repeated: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    repeated = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MILLISECONDS);
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
