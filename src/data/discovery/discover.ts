import { ChurnError } from '../../error.js';
import { dayOfNumber, daysBetween } from '../../time.js';
import type { Engine } from '../engine/engine.js';
import {
  countConstant,
  countDays,
  countEvents,
  countGone,
  countLink,
  countTypes,
  logAs,
} from './count-events.js';
import { numberColumns, proposeDaily } from './daily.js';
import { type EventLog, findEventLog, readEventLog, withinDays } from './event-log.js';
import type { EventFacts, FileFacts, LinkFacts } from './facts.js';
import { chooseHorizon, longestStretch } from './horizon.js';
import { notesOn } from './notes.js';
import { countFile } from './open-file.js';
import type { Proposal } from './proposal.js';
import { settingsFor } from './settings.js';
import { proposeStatics, type StaticColumn, withoutTelling } from './static-columns.js';
import {
  chooseUserKey,
  endDate,
  readSignup,
  type UserKey,
  type UserTable,
  userKeys,
  whyNotUsed,
} from './user-table.js';

/** A file to look at, and how the configuration is to name it. */
export interface NamedFile {
  path: string;
  files: string;
}

/** Looks at files and proposes a configuration. @throws as countFile and findEventLog */
export async function discover(
  engine: Engine,
  named: readonly NamedFile[],
  progress: (text: string) => void,
): Promise<Proposal> {
  const files: FileFacts[] = [];
  for (const { path, files: name } of named) {
    progress(`reading ${path} ...`);
    files.push(await countFile(engine, path, name));
  }
  const logFile = findEventLog(files);
  const others = files.filter((file) => file !== logFile.value);
  progress('counting users ...');
  let log = readEventLog(logFile.value, others);
  const linked: { key: UserKey; link: LinkFacts }[] = [];
  for (const key of userKeys(log, others)) {
    linked.push({ key, link: await countLink(engine, log, key) });
  }
  const found = chooseUserKey(linked);
  if (found !== null && found.value.besides.length > 0) {
    log = {
      ...log,
      userId: { ...found, value: found.value.ofEvents, alternatives: log.userId.alternatives },
    };
  }
  progress('counting gaps between active days ...');
  const counted = await countLog(engine, log);
  const { events } = counted;
  log = counted.log;
  const choice = chooseHorizon(events, daysBetween(events.first, events.last) + 1);
  const users =
    found === null
      ? null
      : {
          found,
          key: found.value,
          signup: readSignup(found.value.file, found.value.ofUsers.of, events.first),
        };
  const statics =
    users === null
      ? await eventStatics(engine, log, events)
      : await userStatics(engine, log, users, choice.horizon.value);
  const daily = proposeDaily(log.file, events.types, [...usedBy(log), ...statics.ofEvents]);
  const end = users === null ? null : endDate(users.key.file);
  const findings = {
    log,
    logFile,
    users,
    statics: statics.columns,
    daily,
    events,
    choice,
    endColumn: end?.name ?? null,
  };
  return {
    settings: settingsFor(findings),
    files: [
      { files: log.file.files, role: 'events', because: logFile.because },
      ...others.map((file) =>
        file === users?.key.file
          ? { files: file.files, role: 'users' as const, because: users.found.because }
          : { files: file.files, role: 'not used' as const, because: whyNotUsed(log, file, linked) },
      ),
    ],
    left_out: [
      ...daily.leftOut.map((item) => ({ files: log.file.files, ...item })),
      ...statics.leftOut.map((item) => ({ files: users?.key.file.files ?? log.file.files, ...item })),
    ],
    notes: notesOn(findings, files),
  };
}

function usedBy({ userId, time, eventType, eventId }: EventLog): string[] {
  return [userId, time, eventType, ...(eventId ? [eventId] : [])].flatMap(({ value }) => value.of);
}

/** The log without days that stand apart, and what was counted of it. */
async function countLog(engine: Engine, whole: EventLog): Promise<{ log: EventLog; events: EventFacts }> {
  const days = await countDays(engine, logAs(engine, whole, whole.userId.value));
  if (days.length === 0) {
    throw new ChurnError('data.invalid', {
      expected: `times in ${whole.file.files}`,
      came: 'none that can be read',
    });
  }
  const { first, last, longestStep } = longestStretch(days);
  const next = days.find((day) => day > last);
  const apart = first > days[0] || next !== undefined;
  const log = apart
    ? withinDays(
        whole,
        first > days[0] ? dayOfNumber(first) : null,
        next === undefined ? null : dayOfNumber(next),
        `${dayOfNumber(first)} to ${dayOfNumber(last)} is the longest part without a silence of everybody, in which all would seem to churn`,
      )
    : whole;
  const relation = logAs(engine, log, log.userId.value);
  const [events, types] = [
    await countEvents(engine, relation),
    await countTypes(engine, relation, numberColumns(log.file, usedBy(log))),
  ];
  if (events === null) {
    throw new ChurnError('data.invalid', {
      expected: `users in ${log.file.files}`,
      came: 'none with a time',
    });
  }
  return { log, events: { ...events, longestStep, types } };
}

interface Statics {
  columns: StaticColumn[];
  leftOut: { column: string; because: string }[];
  /** Columns of the events that belong to the user. */
  ofEvents: string[];
}

async function userStatics(
  engine: Engine,
  log: EventLog,
  { key, signup }: UserTable,
  days: number,
): Promise<Statics> {
  const used = [key.id, ...signup.value.of];
  const proposed = proposeStatics(key.file, used);
  const listed = proposed.columns.filter(
    ({ column }) => key.file.columns.find(({ name }) => name === column)?.values.length,
  );
  const relation = logAs(engine, log, key.ofEvents);
  const facts = await countGone(
    engine,
    relation,
    key,
    listed.map(({ column }) => column),
    days,
  );
  const { columns, leftOut } = withoutTelling(proposed.columns, facts);
  return { columns, leftOut: [...proposed.leftOut, ...leftOut], ofEvents: key.besides };
}

/** A user's share of the users for whom a column of the events must hold one value only. */
const SHARE_CONSTANT = 0.99;

/** Without a table of users: columns of the events that are the same in all events of a user. */
async function eventStatics(engine: Engine, log: EventLog, events: EventFacts): Promise<Statics> {
  const used = usedBy(log);
  const texts = log.file.columns
    .filter(({ name, kind, values }) => kind === 'text' && values.length > 1 && !used.includes(name))
    .map(({ name }) => name);
  const constant = await countConstant(engine, logAs(engine, log, log.userId.value), texts);
  const ofEvents = texts.filter((name) => constant[name] >= SHARE_CONSTANT * events.users);
  const others = log.file.columns.map(({ name }) => name).filter((name) => !ofEvents.includes(name));
  return { ...proposeStatics(log.file, others), ofEvents };
}
