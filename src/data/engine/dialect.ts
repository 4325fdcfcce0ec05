import type { FileFormat } from './engine.js';
import type { Sql, SqlWriting } from './sql.js';

/** Rows that guessed types come from. */
export const GUESSED_ROWS = 20_480;

/**
 * The few places in which SQL engines differ. Everything else in `data/` is text that DuckDB and Spark both run:
 * ROWS frames over a dense grid with an integer day index, sums cast to BIGINT or DOUBLE, no QUALIFY.
 */
export interface Dialect extends SqlWriting {
  /**
   * A relation (for FROM) that reads files; `path` may be a glob. Types of texts are taken from all rows, or, when `guessed`,
   * from the first GUESSED_ROWS only: reading then fails at a value of another type.
   */
  readFiles(path: string, format: FileFormat, guessed?: boolean): Sql;
  /** A relation (for FROM) with the whole numbers from..to in its column `value`. */
  series(from: Sql, to: Sql): Sql;
  /** Days since 1970-01-01 of a DATE expression, as INTEGER. */
  dayNumber(date: Sql): Sql;
  /** Group 0..63 of a unit id: the low six bits of the first byte of the MD5 of its text; 0 for null. */
  unitGroup(unit: Sql): Sql;
  /** A DOUBLE from 0 to below 1: the first 32 bits of the SHA-256 of a text over 2^32; null for null. */
  hashShare(text: Sql): Sql;
  /** A query of so many rows of another one (all when it has no more), by chance; the same rows again for the same seed. */
  sampleRows(query: Sql, rows: number, seed: number): Sql;
  /** A DOUBLE expression with null for NaN. */
  nanToNull(value: Sql): Sql;
  /**
   * A TIMESTAMP in UTC from a column of the given type: times with an offset are moved to UTC, those without one are
   * taken as UTC. What cannot be read is an error, or null when `lenient`.
   */
  utcTime(value: Sql, type: string, lenient?: boolean): Sql;
  /** A DOUBLE from microseconds since 1970-01-01 as a TIMESTAMP. */
  timestampOfMicroseconds(value: Sql): Sql;
}
