import type { ChurnError } from '../../error.js';
import type { Dialect } from './dialect.js';
import type { Sql } from './sql.js';

/** One column of a chunk. Numbers: a typed array with NaN for null; days are numbers of days since 1970-01-01. */
export type Column = Float64Array | Float32Array | Int32Array | (string | null)[];

export interface ColumnChunk {
  rows: number;
  columns: Column[];
}

export type ColumnType = 'DOUBLE' | 'FLOAT' | 'INTEGER' | 'BIGINT' | 'DATE' | 'TIMESTAMP' | 'VARCHAR';

export interface ColumnSpec {
  name: string;
  /** DATE takes days since 1970-01-01 as Int32Array, TIMESTAMP microseconds since then as Float64Array; NaN is null. */
  type: ColumnType;
}

export type FileFormat = 'parquet' | 'csv' | 'jsonl';

/**
 * Runs SQL where the data are. All formulas are elsewhere: an engine filters, joins, windows and counts.
 * Errors: engine.failed with the statement attached; input.missing, input.unreadable for files; io.failed for a full
 * disk; work.cancelled when `signal` aborted.
 */
export interface Engine {
  readonly name: string;
  readonly dialect: Dialect;
  /** Runs a statement for its effect. */
  run(statement: Sql, signal?: AbortSignal): Promise<void>;
  /** A small result as records; day columns as ISO days, integers as numbers. */
  rows<T>(query: Sql, signal?: AbortSignal): Promise<T[]>;
  /** A result of any size, chunk by chunk, in the order of the query. */
  columns(query: Sql, signal?: AbortSignal): AsyncIterable<ColumnChunk>;
  /**
   * A query of `selected` for so many rows of a relation (all when it has no more), by chance; the same rows again for the same
   * seed.
   */
  sample(selected: Sql, relation: Sql, rows: number, seed: number): Promise<Sql>;
  /** The columns of a query, without running it. */
  describe(query: Sql): Promise<{ name: string; type: string }[]>;
  /** Creates (or replaces) a temporary table and appends the chunks to it. */
  load(
    table: string,
    columns: readonly ColumnSpec[],
    chunks: Iterable<ColumnChunk> | AsyncIterable<ColumnChunk>,
  ): Promise<void>;
  /**
   * What `make` made for this key when it was first asked for; it is made again after it failed. Files in the folder last
   * as long as the engine does.
   */
  once<T>(key: string, make: (folder: () => Promise<string>, signal?: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * Writes a query's result to a file, whole (see files.ts); returns the number of rows. With `ifEmpty` a result without
   * rows is that error, and an old file stays.
   */
  write(
    query: Sql,
    path: string,
    format: FileFormat,
    signal?: AbortSignal,
    ifEmpty?: () => ChurnError,
  ): Promise<number>;
  /** Writes a query's result to a Parquet file for this engine alone: soon written rather than small. */
  keep(query: Sql, path: string, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Lends an engine for one piece of work. */
export type LendEngine = <T>(work: (engine: Engine) => Promise<T>) => Promise<T>;
