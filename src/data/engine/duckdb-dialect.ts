import { type Dialect, GUESSED_ROWS } from './dialect.js';
import { raw, sql } from './sql.js';

/**
 * Types are taken from all rows: a column of whole numbers may have its first fraction in the last row. The quote is
 * given, since trying others costs ten times as long on a small file and takes O'Brien for a quotation.
 */
const CSV_OPTIONS = `header = true, quote = '"', escape = '"', union_by_name = true, nullstr = ['', 'NULL', 'NaN', 'nan']`;

const READERS = {
  parquet: (path: string, _rows: number) => `read_parquet(${path}, union_by_name = true)`,
  csv: (path: string, rows: number) => `read_csv(${path}, ${CSV_OPTIONS}, sample_size = ${rows})`,
  jsonl: (path: string, rows: number) =>
    `read_json(${path}, format = 'newline_delimited', sample_size = ${rows}, union_by_name = true)`,
} as const;

/** A text literal: paths, which read and write functions do not take as parameters. */
function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Types whose values are times in UTC already: reading them through a time zone costs a microsecond a row. */
const UTC_TIMES = /^(DATE|TIMESTAMP(_[A-Z]+)?)$/;

/** DuckDB's side of every difference (see dialect.ts). */
export const duckdbDialect: Dialect & { quoteText(text: string): string } = {
  quoteText,
  quoteIdentifier: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (position) => `$${position}`,
  readFiles: (path, format, guessed = false) =>
    raw(READERS[format](quoteText(path), guessed ? GUESSED_ROWS : -1)),
  series: (from, to) => sql`(SELECT CAST(range AS INTEGER) AS value FROM range(${from}, ${to} + 1))`,
  dayNumber: (date) => sql`CAST(date_diff('day', DATE '1970-01-01', ${date}) AS INTEGER)`,
  unitGroup: (unit) =>
    sql`(coalesce(CAST('0x' || substr(md5(CAST(${unit} AS VARCHAR)), 1, 2) AS INTEGER), 0) % 64)`,
  hashShare: (text) => sql`(CAST('0x' || substr(sha256(${text}), 1, 8) AS BIGINT) / 4294967296.0::DOUBLE)`,
  sampleRows: (query, rows, seed) =>
    sql`SELECT * FROM (${query}) AS whole USING SAMPLE reservoir(${raw(String(rows))} ROWS) REPEATABLE (${raw(String(seed >>> 0))})`,
  nanToNull: (value) => sql`(CASE WHEN isnan(${value}) THEN NULL ELSE ${value} END)`,
  utcTime: (value, type, lenient = false) => {
    const cast = raw(lenient ? 'TRY_CAST' : 'CAST');
    return UTC_TIMES.test(type)
      ? sql`${cast}(${value} AS TIMESTAMP)`
      : sql`${cast}(${cast}(${value} AS TIMESTAMPTZ) AS TIMESTAMP)`;
  },
  timestampOfMicroseconds: (value) => sql`make_timestamp(CAST(${value} AS BIGINT))`,
};
