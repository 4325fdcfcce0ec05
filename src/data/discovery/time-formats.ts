import type { ColumnFacts } from './facts.js';
import { means } from './words.js';

/** One way in which files write times. */
export interface TimeFormat {
  id: string;
  /** For people. */
  title: string;
  of: 'text' | 'number';
  /** Whether the name must speak of time too: the format reads numbers that may be anything. */
  byName?: boolean;
  /**
   * A TIMESTAMP expression over a quoted column; null: the pipeline reads the column as it is. When `lenient`, what
   * cannot be read is null, not an error.
   */
  expression: ((column: string, lenient?: boolean) => string) | null;
  /** Holds for values that the format may be tried on. */
  applies(column: string): string;
}

const clock = (day: string) =>
  [`${day} %H:%M:%S`, `${day} %H:%M`, day].map((format) => `'${format}'`).join(', ');

/** `day` has the same separator twice, after two signs: %d/%m/%Y. */
const text = (id: string, title: string, day: string): TimeFormat => ({
  id,
  title,
  of: 'text',
  expression: (column, lenient) => `${lenient ? 'try_' : ''}strptime(${column}, [${clock(day)}])`,
  // Looking for digits and separators first is much faster than failing to read.
  applies: (column) => `regexp_matches(${column}, '^[0-9]{1,4}[${day[2]}][0-9]{1,2}[${day[2]}][0-9]{1,4}')`,
});

const since1970 = (id: string, title: string, perSecond: number): TimeFormat => ({
  id,
  title,
  of: 'number',
  byName: true,
  expression: (column) => `make_timestamp(CAST(${column} * ${1e6 / perSecond} AS BIGINT))`,
  // 1990 to 2100.
  applies: (column) => `${column} BETWEEN ${631152000 * perSecond} AND ${4102444800 * perSecond}`,
});

const digits = (of: 'text' | 'number'): TimeFormat => ({
  id: `yyyymmdd_${of}`,
  title: 'days as yyyymmdd',
  of,
  expression: (column, lenient) => `${lenient ? 'try_' : ''}strptime(CAST(${column} AS VARCHAR), '%Y%m%d')`,
  applies: (column) =>
    `regexp_full_match(CAST(${column} AS VARCHAR), '(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])')`,
});

/** All formats; the first that reads a whole column is proposed, and others that do are its alternatives. */
export const TIME_FORMATS: readonly TimeFormat[] = [
  {
    id: 'iso',
    title: 'ISO times',
    of: 'text',
    expression: null,
    applies: (column) => `regexp_matches(${column}, '^[0-9]{4}-')`,
  },
  digits('text'),
  digits('number'),
  text('dmy_slash', 'day/month/year', '%d/%m/%Y'),
  text('mdy_slash', 'month/day/year', '%m/%d/%Y'),
  text('dmy_dot', 'day.month.year', '%d.%m.%Y'),
  text('dmy_dash', 'day-month-year', '%d-%m-%Y'),
  text('mdy_dash', 'month-day-year', '%m-%d-%Y'),
  text('ymd_slash', 'year/month/day', '%Y/%m/%d'),
  since1970('epoch_s', 'seconds since 1970', 1),
  since1970('epoch_ms', 'milliseconds since 1970', 1000),
  since1970('epoch_us', 'microseconds since 1970', 1e6),
];

/** A format must read this share of the values. */
const SHARE_READ = 0.99;

/** The formats that read a column, best first. A column of dates or times is read as it is. */
export function timeFormatsOf(
  column: ColumnFacts,
): { title: string; expression: TimeFormat['expression'] }[] {
  if (column.kind === 'date' || column.kind === 'time') {
    return [{ title: column.kind === 'date' ? 'days' : 'times', expression: null }];
  }
  return TIME_FORMATS.filter(
    ({ id, byName }) =>
      column.formatsOf > 0 &&
      (column.formats[id] ?? 0) >= SHARE_READ * column.formatsOf &&
      (!byName || means(column.name, 'time')),
  );
}
