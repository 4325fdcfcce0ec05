import type { FileFormat } from './engine.js';
import type { Sql, SqlWriting } from './sql.js';

/**
 * The few places in which SQL engines differ. Everything else in `data/` is text that DuckDB and Spark both run:
 * ROWS frames over a dense grid with an integer day index, sums cast to BIGINT or DOUBLE, no QUALIFY.
 */
export interface Dialect extends SqlWriting {
  /** A relation that reads files; `path` may be a glob. */
  readFiles(path: string, format: FileFormat): Sql;
  /** A table that is computed once and read many times within this session. */
  materialise(table: string, query: Sql): Sql;
  /** One row per whole number in [from, to], column `value`. */
  series(from: number, to: number): Sql;
  /** Days since 1970-01-01 of a DATE expression, as INTEGER. */
  dayNumber(date: Sql): Sql;
  /** The DATE that lies so many days after 1970-01-01. */
  dateOfDayNumber(days: Sql): Sql;
  /** Group 0..63 of a unit id: the low six bits of the first byte of the MD5 of its text. */
  unitGroup(unit: Sql): Sql;
  /** Counts per bin as a list of `edges.length + 1` BIGINT: bin i holds (edges[i-1], edges[i]], the last the rest; nulls and NaN in none. */
  binCounts(value: Sql, edges: readonly number[]): Sql;
}
