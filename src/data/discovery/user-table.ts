import { type EventLog, otherReadings, readAs } from './event-log.js';
import { columnOf, type Expression, express } from './expression.js';
import type { ColumnFacts, FileFacts, LinkFacts } from './facts.js';
import type { Reasoned } from './proposal.js';
import { count, percent, shown } from './text.js';
import { timeFormatsOf } from './time-formats.js';
import { means } from './words.js';

/** A file that may be the table of users, with one way to tell its users. */
export interface UserKey {
  file: FileFacts;
  /** The id, and columns that both files have and that belong to it. */
  id: string;
  besides: string[];
  ofUsers: Expression;
  ofEvents: Expression;
}

export interface UserTable {
  key: UserKey;
  signup: Reasoned<Expression>;
}

/** A table of users must know this share of the users of the events. */
const SHARE_KNOWN = 0.5;

/** Every way in which the other files might name the users of the log, the simplest first. */
export function userKeys(log: EventLog, others: readonly FileFacts[]): UserKey[] {
  const user = log.userId.value.of[0];
  return others.flatMap((file) => {
    const id = file.columns.find(({ name }) => sameName(name, user)) ?? file.columns.find(namesUser);
    if (id === undefined) {
      return [];
    }
    const both = file.columns
      .filter(({ name, kind, values }) => kind === 'text' && values.length > 1 && name !== id.name)
      .map(({ name }) => name)
      .filter((name) => log.file.columns.some((column) => column.name === name && column.kind === 'text'));
    const sets = [[], ...both.map((name) => [name]), ...(both.length > 1 ? [both] : [])];
    return sets.map((besides) => ({
      file,
      id: id.name,
      besides,
      ofUsers: composite(besides, columnOf(id.name)),
      ofEvents: composite(besides, log.userId.value),
    }));
  });
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function namesUser({ name, kind }: ColumnFacts): boolean {
  return (kind === 'text' || kind === 'number') && means(name, 'user') && means(name, 'id');
}

function composite(besides: readonly string[], id: Expression): Expression {
  return besides.length === 0
    ? id
    : express([...besides, ...id.of], (...parts) => `concat_ws('/', ${parts.join(', ')})`);
}

/** The key under which every row of a file is one user whom the events know; null: there is none. */
export function chooseUserKey(
  linked: readonly { key: UserKey; link: LinkFacts }[],
): Reasoned<UserKey> | null {
  const usable = linked
    .filter(({ link }) => link.keys === link.rows && link.known >= SHARE_KNOWN * link.users)
    .sort((a, b) => a.key.besides.length - b.key.besides.length || b.link.known - a.link.known);
  if (usable.length === 0) {
    return null;
  }
  const [{ key, link }, ...others] = usable;
  const plain = linked.find(({ key: { file, besides } }) => file === key.file && besides.length === 0);
  const repeated = plain === undefined ? 0 : plain.link.rows - plain.link.keys;
  return {
    value: key,
    because:
      key.besides.length === 0
        ? `one row per user; ${percent(link.known / link.users)} of the users of the events are in it`
        : `"${key.id}" alone repeats in ${count(repeated)} rows; with ${key.besides.join(', ')}, which both files have, it does not`,
    confidence: key.besides.length === 0 ? 'high' : 'medium',
    alternatives: others
      .filter(({ key: other }) => other.file !== key.file || other.besides.length > 0)
      .map(({ key: other, link: there }) => ({
        value: `${other.file.files}: ${[other.id, ...other.besides].join(' + ')}`,
        because: `one row per user too; knows ${percent(there.known / there.users)}`,
      })),
  };
}

/** Why a file is neither the event log nor the table of users. */
export function whyNotUsed(
  log: EventLog,
  file: FileFacts,
  linked: readonly { key: UserKey; link: LinkFacts }[],
): string {
  const names = file.columns.map(({ name }) => name);
  if (names.join() === log.file.columns.map(({ name }) => name).join()) {
    return `it has the columns of ${log.file.files}: to read both, name them by a glob such as 'folder/*.parquet'`;
  }
  const own = linked.filter(({ key }) => key.file === file);
  if (own.length === 0) {
    return `no column of users: a lookup? Its columns: ${shown(names)}`;
  }
  const [{ key, link }] = own;
  return own.every((item) => item.link.keys < item.link.rows)
    ? `"${key.id}" comes ${(link.rows / link.keys).toFixed(1)} times each: not one row per user`
    : `knows only ${percent(link.known / link.users)} of the users of the events`;
}

/** The sign-up day of a user of the table; without one, the first day of the events stands for all. */
export function readSignup(file: FileFacts, used: readonly string[], firstDay: string): Reasoned<Expression> {
  const dates = file.columns
    .filter((column) => !used.includes(column.name) && timeFormatsOf(column).length > 0)
    .filter(({ name }) => !means(name, 'end') && !means(name, 'personal'))
    .sort((a, b) => Number(means(b.name, 'signup')) - Number(means(a.name, 'signup')));
  const relative = file.columns.find(
    ({ name, kind }) => kind === 'number' && means(name, 'time') && means(name, 'signup'),
  );
  if (dates.length === 0) {
    return {
      value: express([], () => `DATE '${firstDay}'`),
      because: `no column is a date of sign-up${relative ? ` ("${relative.name}" holds ${relative.min} to ${relative.max}, which are no dates)` : ''}; the first day of the events stands for it`,
      confidence: 'low',
      alternatives: [
        {
          value: { from: 'events' },
          because: 'users from the events sign up with their first one, but have no columns of this file',
        },
      ],
    };
  }
  const [column, ...others] = dates;
  const [format, ...otherFormats] = timeFormatsOf(column);
  const nulls = file.rows - column.filled;
  const named = means(column.name, 'signup');
  const value =
    nulls === 0
      ? readAs(column.name, format)
      : express([column.name], (day) => {
          const read = format.expression?.(day) ?? day;
          return `coalesce(CAST(${read} AS DATE), DATE '${firstDay}')`;
        });
  return {
    value,
    because: `${named ? 'its name says so' : 'the only date of the users'}; ${format.title}, ${column.min} to ${column.max}${nulls > 0 ? `; ${count(nulls)} users without one get the first day of the events` : ''}`,
    confidence: named && otherFormats.length === 0 ? 'high' : 'medium',
    alternatives: [
      ...otherReadings(column.name, otherFormats),
      ...others.map(({ name }) => ({ value: name, because: 'a date too' })),
    ],
  };
}

/** A date at which users end: an outcome that is known without waiting. */
export function endDate(file: FileFacts): ColumnFacts | null {
  return (
    file.columns.find(({ kind, name, filled }) => {
      const isDate = kind === 'date' || kind === 'time';
      return isDate && means(name, 'end') && filled > 0 && filled < file.rows;
    }) ?? null
  );
}
