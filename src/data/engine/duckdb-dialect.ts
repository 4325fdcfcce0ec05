import { type CsvFormat, type Dialect, GUESSED_ROWS, type Reading } from './dialect.js';
import type { FileFormat } from './engine.js';
import { join, raw, type Sql, sql } from './sql.js';

/** The quote is given, since trying others costs ten times as long on a small file and takes O'Brien for a quotation. */
const USUAL_CSV: CsvFormat = { delimiter: null, header: true, names: [], quote: '"' };

/** Both threads have parts of a small file to parse, and a large one takes half the memory that it takes with DuckDB's 32 MB. */
const BUFFER_BYTES = 4_000_000;

const READERS: Record<FileFormat, (path: string, reading: Reading) => string> = {
  parquet: (path) => `read_parquet(${path}, union_by_name = true)`,
  csv: (path, reading) =>
    `read_csv(${[path, `buffer_size = ${BUFFER_BYTES}`, ...csvOptions(reading)].join(', ')})`,
  jsonl: (path, { columns, sampled }) =>
    `read_json(${path}, format = 'newline_delimited', union_by_name = true, ${columns ? `columns = ${struct(columns)}` : `sample_size = ${rowsOf(sampled)}`})`,
};

const EXACT_CSV = `auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false`;

/** Types are taken from all rows: a column of whole numbers may have its first fraction in the last row. */
const rowsOf = (sampled = false) => (sampled ? GUESSED_ROWS : -1);

function csvOptions({ csv = USUAL_CSV, sampled, texts, types = {}, columns }: Reading): string[] {
  if (columns !== undefined) {
    return [`columns = ${struct(columns)}, ${EXACT_CSV}`];
  }
  const { delimiter, header, names, quote } = csv;
  return [
    `header = ${header}`,
    `quote = ${quoteText(quote)}, escape = ${quoteText(quote)}`,
    // Otherwise lines that do not fit may be taken for a preamble or for comments.
    "skip = 0, comment = '', union_by_name = true, nullstr = ['', 'NULL', 'NaN', 'nan']",
    `sample_size = ${rowsOf(sampled || texts)}`,
    ...(delimiter === null ? [] : [`delim = ${quoteText(delimiter)}`]),
    ...(names.length === 0 ? [] : [`names = [${names.map(quoteText).join(', ')}]`]),
    ...(texts ? ['all_varchar = true'] : []),
    ...(Object.keys(types).length === 0 ? [] : [`types = ${struct(types)}`]),
  ];
}

function struct(types: Readonly<Record<string, string>>): string {
  return `{${Object.entries(types)
    .map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`)
    .join(', ')}}`;
}

/** A text literal: paths, which read and write functions do not take as parameters. */
function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Types whose values are times in UTC already. */
const UTC_TIMES = /^(DATE|TIMESTAMP(_[A-Z]+)?)$/;

/** Most times are seen to have none without the expression, in half the time: two digits end them, or else a letter. */
const hasOffset = (text: Sql): Sql =>
  sql`((${text} NOT LIKE '____-__-__ __:__:__' OR ${text}[-1] > '9') AND regexp_matches(substr(${text}, 12), '[-+A-Za-z]'))`;

/** When a cast would succeed and drop a part of the text: a fraction, a time of day, an offset. */
const LOSSES: Record<string, (text: Sql) => Sql> = {
  BIGINT: (text) => sql`(contains(${text}, '.') OR contains(${text}, 'e') OR contains(${text}, 'E'))`,
  BOOLEAN: (text) => sql`(lower(${text}) NOT IN ('true', 'false'))`,
  DATE: (text) => sql`(length(${text}) > 10)`,
  TIMESTAMP: (text) => hasOffset(text),
  'TIMESTAMP WITH TIME ZONE': (text) => sql`NOT ${hasOffset(text)}`,
};

function unlessLost(lost: Sql, type: string, value: Sql): Sql {
  const error = sql`CAST(error('Conversion Error: not all of a text fits into a ${raw(type)}') AS ${raw(type)})`;
  return sql`CASE WHEN ${lost} THEN ${error} ELSE ${value} END`;
}

/** DuckDB's side of every difference (see dialect.ts). */
export const duckdbDialect: Dialect & { quoteText(text: string): string } = {
  quoteText,
  quoteIdentifier: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (position) => `$${position}`,
  readFiles: (path, format, reading = {}) => raw(READERS[format](quoteText(path), reading)),
  listFiles: (path) => sql`(SELECT file AS path FROM glob(${raw(quoteText(path))}))`,
  exactly: (text, type, asWritten = false) => {
    const value = sql`CAST(${text} AS ${raw(type)})`;
    const lost = asWritten ? sql`CAST(${value} AS VARCHAR) <> ${text}` : LOSSES[type]?.(text);
    return lost === undefined ? value : unlessLost(lost, type, value);
  },
  exactWhole: (double) => {
    const whole = sql`CAST(${double} AS BIGINT)`;
    const lost = sql`(CAST(${whole} AS DOUBLE) <> ${double} OR ${double} NOT BETWEEN -9007199254740991 AND 9007199254740991)`;
    return unlessLost(lost, 'BIGINT', whole);
  },
  readNumbered: (path) => raw(`read_parquet(${quoteText(path)}, file_row_number = true)`),
  // Hashed twice: the hash of several columns is put together by XOR, which a sum would partly undo.
  contentOf: (columns) => sql`CAST(sum(hash(hash(${join(columns)}))) AS VARCHAR)`,
  series: (from, to) => sql`(SELECT CAST(range AS INTEGER) AS value FROM range(${from}, ${to} + 1))`,
  dayNumber: (date) => sql`CAST(date_diff('day', DATE '1970-01-01', ${date}) AS INTEGER)`,
  unitGroup: (unit) =>
    sql`(coalesce(CAST('0x' || substr(md5(CAST(${unit} AS VARCHAR)), 1, 2) AS INTEGER), 0) % 64)`,
  hashShare: (text) => sql`(CAST('0x' || substr(sha256(${text}), 1, 8) AS BIGINT) / 4294967296.0::DOUBLE)`,
  nanToNull: (value) => sql`(CASE WHEN isnan(${value}) THEN NULL ELSE ${value} END)`,
  utcTime: (value, type, lenient = false) => {
    const cast = raw(lenient ? 'TRY_CAST' : 'CAST');
    return UTC_TIMES.test(type)
      ? sql`${cast}(${value} AS TIMESTAMP)`
      : sql`make_timestamp(epoch_us(${cast}(${value} AS TIMESTAMPTZ)))`;
  },
  hasOffset,
  timestampOfMicroseconds: (value) => sql`make_timestamp(CAST(${value} AS BIGINT))`,
};
