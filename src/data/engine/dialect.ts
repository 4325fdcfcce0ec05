import type { FileFormat } from './engine.js';
import type { Sql, SqlWriting } from './sql.js';

/** How a CSV file is written. */
export interface CsvFormat {
  /** Null: comma, semicolon, tab or |, as found. */
  delimiter: string | null;
  header: boolean;
  /** Names of the first columns, in place of those of the header. */
  names: readonly string[];
  /** Also what doubles it within; empty: none. */
  quote: string;
}

/** How files are read, where it is not as usual. */
export interface Reading {
  /** Types are guessed from the first GUESSED_ROWS, not from all rows: what does not fit them may be rounded. */
  sampled?: boolean;
  csv?: CsvFormat;
  /** Every column of a CSV file as text, but for those in `types`. */
  texts?: boolean;
  /** The engine's types of columns of a CSV file that are not to be guessed. */
  types?: Readonly<Record<string, string>>;
  /**
   * All columns with their types: nothing is guessed. A CSV file has no header then, is delimited by commas, and null in it is
   * nothing at all, while "" is an empty text.
   */
  columns?: Readonly<Record<string, string>>;
}

/** Rows that guessed types come from. */
export const GUESSED_ROWS = 20_480;

/**
 * The few places in which SQL engines differ. Everything else in `data/` is text that DuckDB and Spark both run:
 * ROWS frames over a dense grid with an integer day index, sums cast to BIGINT or DOUBLE, no QUALIFY.
 */
export interface Dialect extends SqlWriting {
  /** A relation (for FROM) that reads files; `path` may be a glob. Types of texts are taken from all rows. */
  readFiles(path: string, format: FileFormat, reading?: Reading): Sql;
  /** A relation (for FROM) of the files that a path or glob names, in the column `path`. */
  listFiles(path: string): Sql;
  /**
   * A text as a value of a type, null for null; an error where anything would be lost, as the fraction of a BIGINT, or, when
   * `asWritten`, where the value is not written as the engine would write it, as 007.
   */
  exactly(text: Sql, type: string, asWritten?: boolean): Sql;
  /** A DOUBLE as a BIGINT, null for null; an error where it is no whole number, or one that others are rounded to. */
  exactWhole(double: Sql): Sql;
  /** A relation (for FROM) over a Parquet file with the number of each row in the file, from 0, in `file_row_number`. */
  readNumbered(path: string): Sql;
  /**
   * An aggregate: a whole number as text that stands for the rows' values in these columns, whatever the order of the rows; that of
   * several groups of rows is their sum.
   */
  contentOf(columns: readonly Sql[]): Sql;
  /** A relation (for FROM) with the whole numbers from..to in its column `value`. */
  series(from: Sql, to: Sql): Sql;
  /** Days since 1970-01-01 of a DATE expression, as INTEGER. */
  dayNumber(date: Sql): Sql;
  /** Group 0..63 of a unit id: the low six bits of the first byte of the MD5 of its text; 0 for null. */
  unitGroup(unit: Sql): Sql;
  /** A DOUBLE from 0 to below 1: the first 32 bits of the SHA-256 of a text over 2^32; null for null. */
  hashShare(text: Sql): Sql;
  /** A DOUBLE expression with null for NaN. */
  nanToNull(value: Sql): Sql;
  /**
   * A TIMESTAMP in UTC from a column of the given type: times with an offset are moved to UTC, those without one are
   * taken as UTC. What cannot be read is an error, or null when `lenient`.
   */
  utcTime(value: Sql, type: string, lenient?: boolean): Sql;
  /** Whether a time in a text says its offset from UTC, or its zone. */
  hasOffset(text: Sql): Sql;
  /** A DOUBLE from microseconds since 1970-01-01 as a TIMESTAMP. */
  timestampOfMicroseconds(value: Sql): Sql;
}
