import { appendChunks, storedColumn, typedColumn } from '../../src/data/engine/duckdb-append.js';
import { duckdb, execute, openDatabase } from '../../src/data/engine/duckdb-client.js';
import { COPY_OPTIONS } from '../../src/data/engine/duckdb-copy.js';
import { duckdbDialect } from '../../src/data/engine/duckdb-dialect.js';
import type { ColumnChunk, ColumnSpec, Engine, FileFormat } from '../../src/data/engine/engine.js';
import { identifier, join, render, type Sql, type SqlValue, sql } from '../../src/data/engine/sql.js';
import { stopwatch, type Took } from './report.js';

/** One call of the engine port as it was rendered, in plain data, so that another process can repeat it. */
export type Recorded =
  | { kind: 'rows' | 'columns' | 'run' | 'describe'; text: string; values: SqlValue[] }
  | { kind: 'write'; text: string; values: SqlValue[]; path: string; format: FileFormat | 'kept' }
  | { kind: 'load'; table: string; columns: ColumnSpec[]; chunks: ColumnChunk[] };

/** The engine itself, with every call noted in `into`. */
export function recordingEngine(engine: Engine, into: Recorded[]): Engine {
  const note = (kind: 'rows' | 'columns' | 'run' | 'describe', statement: Sql) => {
    into.push({ kind, ...render(statement, engine.dialect) });
  };
  return {
    ...engine,
    run: (statement, signal) => {
      note('run', statement);
      return engine.run(statement, signal);
    },
    rows: (query, signal) => {
      note('rows', query);
      return engine.rows(query, signal);
    },
    columns: (query, signal) => {
      note('columns', query);
      return engine.columns(query, signal);
    },
    describe: (query) => {
      note('describe', query);
      return engine.describe(query);
    },
    load: (table, columns, chunks) => {
      const kept: ColumnChunk[] = [];
      into.push({ kind: 'load', table, columns: [...columns], chunks: kept });
      return engine.load(table, columns, keepingChunks(chunks, kept));
    },
    write: (query, path, format, signal) => {
      into.push({ kind: 'write', ...render(query, engine.dialect), path, format });
      return engine.write(query, path, format, signal);
    },
    keep: (query, path, signal) => {
      into.push({ kind: 'write', ...render(query, engine.dialect), path, format: 'kept' });
      return engine.keep(query, path, signal);
    },
  };
}

async function* keepingChunks(
  chunks: Iterable<ColumnChunk> | AsyncIterable<ColumnChunk>,
  kept: ColumnChunk[],
): AsyncIterable<ColumnChunk> {
  for await (const chunk of chunks) {
    kept.push({ rows: chunk.rows, columns: chunk.columns.map((column) => column.slice()) });
    yield chunk;
  }
}

/**
 * Repeats recorded calls on a bare connection of DuckDB's with the same memory limit and threads; tells what each
 * group took. Results are fetched whole and dropped; what was loaded from JavaScript is put back
 * untimed, because it is no SQL.
 */
export async function replay(
  groups: readonly { step: string; calls: readonly Recorded[] }[],
): Promise<Record<string, Took>> {
  const database = await openDatabase({ memory_limit: '2GB', threads: '2' });
  const connection = await duckdb.connect(database);
  await duckdb.query(connection, "SET GLOBAL TimeZone = 'UTC'");
  const all: Record<string, Took> = {};
  for (const { step, calls } of groups) {
    all[step] = { milliseconds: 0, cpuMilliseconds: 0 };
    for (const call of calls) {
      if (call.kind === 'load') {
        await duckdb.query(
          connection,
          render(
            sql`CREATE OR REPLACE TABLE ${identifier(`${call.table}__staging`)} (${join(call.columns.map(storedColumn))})`,
            duckdbDialect,
          ).text,
        );
        await appendChunks(connection, `${call.table}__staging`, call.columns, call.chunks);
        const typed = call.columns.map((column) => sql`${typedColumn(column)} AS ${identifier(column.name)}`);
        await duckdb.query(
          connection,
          render(
            sql`CREATE OR REPLACE VIEW ${identifier(call.table)} AS SELECT ${join(typed)} FROM ${identifier(`${call.table}__staging`)}`,
            duckdbDialect,
          ).text,
        );
        continue;
      }
      const watch = stopwatch();
      await execute(connection, { text: textOf(call), values: call.values });
      const took = watch();
      all[step].milliseconds += took.milliseconds;
      all[step].cpuMilliseconds += took.cpuMilliseconds;
    }
  }
  duckdb.disconnect_sync(connection);
  duckdb.close_sync(database);
  return all;
}

function textOf(call: Exclude<Recorded, { kind: 'load' }>): string {
  switch (call.kind) {
    case 'describe':
      return `DESCRIBE ${call.text}`;
    case 'write':
      return `COPY (${call.text}) TO ${duckdbDialect.quoteText(call.path)} (${COPY_OPTIONS[call.format]})`;
    default:
      return call.text;
  }
}
