import { ChurnError } from '../../error.js';
import type { Day } from '../../time.js';
import { columnOf, type Expression, express } from './expression.js';
import type { ColumnFacts, FileFacts } from './facts.js';
import type { Alternative, Confidence, Reasoned } from './proposal.js';
import { count, percent, shown } from './text.js';
import { timeFormatsOf } from './time-formats.js';
import { means, wordsOf } from './words.js';

/** The event log and how it is to be read. */
export interface EventLog {
  file: FileFacts;
  userId: Reasoned<Expression>;
  time: Reasoned<Expression>;
  eventType: Reasoned<Expression>;
  /** Null: no column tells every event from every other. */
  eventId: Reasoned<Expression> | null;
  /** SQL condition; null: all rows. */
  where: Reasoned<Expression> | null;
}

/**
 * The file that is the event log, and its columns.
 * @throws data.invalid when no file has times and users, or none has several rows per user
 */
export function findEventLog(files: readonly FileFacts[]): Reasoned<FileFacts> {
  const withTimes = files.filter((file) => timeColumns(file).length > 0);
  const logs = withTimes.filter((file) => userColumns(file).length > 0).sort((a, b) => b.rows - a.rows);
  if (logs.length === 0) {
    throw noEventLog(files, withTimes);
  }
  const [file, ...others] = logs;
  return {
    value: file,
    because: `it has times and ${count(file.rows)} rows of users who come again`,
    confidence: others.length === 0 ? 'high' : 'medium',
    alternatives: others.map((other) => ({
      value: other.files,
      because: `${count(other.rows)} rows with times too; a project has one log: join them into one file to use both`,
    })),
  };
}

/** Which columns of the log are what. */
export function readEventLog(file: FileFacts, others: readonly FileFacts[]): EventLog {
  const users = userColumns(file);
  const shared = (name: string) =>
    others.some(({ columns }) => columns.some((column) => column.name === name));
  const [user, ...otherUsers] = users.sort(
    (a, b) => userScore(b, shared(b.name)) - userScore(a, shared(a.name)) || a.distinct - b.distinct,
  );
  const named = means(user.name, 'user');
  const nulls = file.rows - user.filled;
  return {
    file,
    userId: {
      value: wholeId(user),
      because: named
        ? `its name says so; ${count(user.distinct)} different, ${(user.filled / user.distinct).toFixed(1)} rows each`
        : `${count(user.distinct)} different values, ${(user.filled / user.distinct).toFixed(1)} rows each${shared(user.name) ? ', and another file has it too' : ''}; its name does not say that it is a user`,
      confidence: named || shared(user.name) ? 'high' : 'low',
      alternatives: otherUsers
        .slice(0, 3)
        .map(({ name, distinct }) => ({ value: name, because: `${count(distinct)} different values` })),
    },
    time: readTime(file),
    eventType: readEventType(file, user),
    eventId: readEventId(file, user),
    where:
      nulls === 0
        ? null
        : {
            value: express([user.name], (column) => `${column} IS NOT NULL`),
            because: `${count(nulls)} rows (${percent(nulls / file.rows)}) name no user`,
            confidence: 'high',
            alternatives: [],
          },
  };
}

/** The log from one day on and before another, null for no limit, because of what lies outside. */
export function withinDays(log: EventLog, from: Day | null, before: Day | null, because: string): EventLog {
  const { time, where } = log;
  const day = `CAST(CAST(${time.value.sql} AS TIMESTAMP) AS DATE)`;
  const sql = [
    ...(where ? [where.value.sql] : []),
    ...(from ? [`${day} >= DATE '${from}'`] : []),
    ...(before ? [`${day} < DATE '${before}'`] : []),
  ].join(' AND ');
  const value: Expression = { sql, written: { sql }, of: [...(where?.value.of ?? []), ...time.value.of] };
  const reasons = [...(where ? [where.because] : []), because];
  return { ...log, where: { value, because: reasons.join('; '), confidence: 'medium', alternatives: [] } };
}

function timeColumns(file: FileFacts): ColumnFacts[] {
  return file.columns
    .filter((column) => timeFormatsOf(column).length > 0 && column.filled > 0.5 * file.rows)
    .sort((a, b) => timeScore(b) - timeScore(a));
}

function timeScore(column: ColumnFacts): number {
  return (
    (means(column.name, 'time') ? 2 : 0) +
    (column.kind === 'time' ? 1 : 0) +
    (wordsOf(column.name).includes('event') ? 1 : 0)
  );
}

/** Columns that may be the user of an event: each value comes several times, and there are many values. */
function userColumns(file: FileFacts): ColumnFacts[] {
  return file.columns.filter((column) => {
    const isId = column.kind === 'text' || (column.kind === 'number' && column.whole === column.filled);
    const returns = column.distinct > 1 && column.filled >= 1.5 * column.distinct;
    const isTime = timeFormatsOf(column).length > 0;
    const named = means(column.name, 'user') || means(column.name, 'id');
    return isId && !isTime && returns && (named ? true : column.distinct > 100 && !measures(column));
  });
}

/** Whether a column is a quantity by its name or values: not an id. */
function measures({ name, negative, kind }: ColumnFacts): boolean {
  return kind === 'number' && (negative > 0 || means(name, 'sum') || means(name, 'mean'));
}

function userScore(column: ColumnFacts, shared: boolean): number {
  const { name } = column;
  return (
    (means(name, 'user') ? 4 : 0) +
    (means(name, 'user') && means(name, 'id') ? 2 : 0) +
    (shared ? 1 : 0) +
    (means(name, 'id') ? 1 : 0) -
    (means(name, 'personal') ? 2 : 0) -
    (column.values.length > 0 ? 1 : 0)
  );
}

function wholeId(user: ColumnFacts): Expression {
  return /^(DOUBLE|FLOAT|DECIMAL)/.test(user.type)
    ? express([user.name], (column) => `CAST(${column} AS BIGINT)`)
    : columnOf(user.name);
}

function readTime(file: FileFacts): Reasoned<Expression> {
  const [column, ...others] = timeColumns(file);
  const [format, ...otherFormats] = timeFormatsOf(column);
  const value = readAs(column.name, format);
  const alternatives: Alternative[] = [
    ...otherReadings(column.name, otherFormats),
    ...others.map(({ name }) => ({ value: name, because: 'holds times too' })),
  ];
  const confidence: Confidence = otherFormats.length > 0 ? 'low' : others.length > 0 ? 'medium' : 'high';
  return { value, because: `${format.title}, ${column.min} to ${column.max}`, confidence, alternatives };
}

type Format = ReturnType<typeof timeFormatsOf>[number];

/** A column of times, by one format. */
export function readAs(column: string, { expression }: Format): Expression {
  return expression === null ? columnOf(column) : express([column], (name) => expression(name));
}

/** The other formats that read it. */
export function otherReadings(column: string, formats: readonly Format[]): Alternative[] {
  return formats.map((format) => ({
    value: readAs(column, format).written,
    because: `every value can be read as ${format.title} too`,
  }));
}

/** Types that are counted one by one need a name for each; more are a catalogue. */
const MOST_TYPES = 50;

function readEventType(file: FileFacts, user: ColumnFacts): Reasoned<Expression> {
  const candidates = file.columns
    .filter(({ name, kind, distinct, filled, values }) => {
      const few = distinct > 1 && distinct <= MOST_TYPES && values.length > 0;
      return kind === 'text' && few && name !== user.name && filled === file.rows && means(name, 'type');
    })
    .sort((a, b) => typeScore(b.name) - typeScore(a.name) || a.distinct - b.distinct);
  if (candidates.length > 0) {
    const [column, ...others] = candidates;
    return {
      value: columnOf(column.name),
      because: `text with ${column.distinct} values: ${shown(column.values.map(({ value }) => value))}`,
      confidence: others.length === 0 ? 'high' : 'medium',
      alternatives: others.map(({ name, distinct }) => ({ value: name, because: `${distinct} values` })),
    };
  }
  const bought = file.columns.some(
    ({ name, kind }) => kind === 'number' && (means(name, 'money') || means(name, 'price')),
  );
  const constant = bought ? 'purchase' : 'activity';
  const few = file.columns.filter(
    ({ name, kind, distinct, values }) =>
      kind === 'text' && name !== user.name && distinct > 1 && distinct <= MOST_TYPES && values.length > 0,
  );
  return {
    value: express([], () => `'${constant}'`),
    because: `no column with few values has a name of a type; every row is one ${constant}`,
    confidence: few.length === 0 ? 'high' : 'medium',
    alternatives: few.map(({ name, distinct }) => ({ value: name, because: `text with ${distinct} values` })),
  };
}

function typeScore(name: string): number {
  const words = wordsOf(name);
  return (
    (words.includes('event') ? 2 : 0) + (words.includes('type') ? 2 : 0) + (words.includes('action') ? 1 : 0)
  );
}

function readEventId(file: FileFacts, user: ColumnFacts): Reasoned<Expression> | null {
  const column = file.columns.find(
    ({ name, distinct, filled }) =>
      means(name, 'id') && name !== user.name && filled === file.rows && distinct === file.rows,
  );
  return column === undefined
    ? null
    : {
        value: columnOf(column.name),
        because: 'every row has another value: events that come twice are found',
        confidence: 'high',
        alternatives: [],
      };
}

function noEventLog(files: readonly FileFacts[], withTimes: readonly FileFacts[]): ChurnError {
  const names = files.map((file) => file.files).join(', ');
  if (withTimes.length === 0) {
    const relative = files.flatMap((file) =>
      file.columns
        .filter(({ name, kind }) => kind === 'number' && means(name, 'time'))
        .map(({ name, min, max }) => `"${name}" holds ${min} to ${max}, which are no dates`),
    );
    return new ChurnError('data.invalid', {
      expected: 'an event log: a column with the time of each event',
      came: `no column with times in ${names}${relative.length > 0 ? ` (${relative.slice(0, 3).join('; ')})` : ''}`,
      fix: 'a table with one row per customer has no days to predict from: compare two of them with `churn-mlops drift --reference A --current B`, judge scores in one with `churn-mlops evaluate`',
    });
  }
  return new ChurnError('data.invalid', {
    expected: 'an event log: a column of users who come several times, beside the time',
    came: `none in ${withTimes.map((file) => file.files).join(', ')}`,
    fix: 'name the file with one row per event too',
  });
}
