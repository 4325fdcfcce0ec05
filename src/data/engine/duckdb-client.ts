import { createRequire } from 'node:module';

/**
 * DuckDB's own client. It is required, not imported: to import a CommonJS package Node first reads each of its hundred files
 * for the names that it exports, which takes longer than all else that opens an engine.
 */
export const {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTypeId,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  SQLNULL,
  VARCHAR,
}: typeof import('@duckdb/node-api') = createRequire(import.meta.url)('@duckdb/node-api');
