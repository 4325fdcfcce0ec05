import type { DailyColumns } from './daily.js';
import type { EventLog } from './event-log.js';
import type { Expression } from './expression.js';
import type { EventFacts } from './facts.js';
import type { HorizonChoice } from './horizon.js';
import type { Alternative, Confidence, Reasoned, Setting } from './proposal.js';
import type { StaticColumn } from './static-columns.js';
import { count, percent } from './text.js';
import type { UserTable } from './user-table.js';

/** All that a configuration is written from. */
export interface Findings {
  log: EventLog;
  logFile: Reasoned<unknown>;
  /** Null: users come from the events. */
  users: (UserTable & { found: Reasoned<unknown> }) | null;
  statics: StaticColumn[];
  daily: DailyColumns;
  events: EventFacts;
  choice: HorizonChoice;
  /** Column of users with the day on which they end, if there is one. */
  endColumn: string | null;
}

/** The keys of churn.yaml, in the order in which they are written. */
export function settingsFor(findings: Findings): Setting[] {
  return [
    ...eventSettings(findings),
    ...userSettings(findings),
    ...labelSettings(findings),
    ...featureSettings(findings),
    ...trainingSettings(findings),
    ...driftSettings(findings),
  ];
}

function setting(
  path: string,
  value: unknown,
  because: string,
  confidence: Confidence = 'high',
  alternatives: Alternative[] = [],
): Setting {
  return { path: path.split('.'), value, because, confidence, alternatives };
}

/** Our name for a column, unless the files call it so already. */
function mapping(source: string, ours: string, column: Reasoned<Expression>): Setting[] {
  const { written } = column.value;
  return written === ours ? [] : [{ ...column, path: ['sources', source, 'columns', ours], value: written }];
}

function eventSettings({ log, logFile, daily }: Findings): Setting[] {
  const { file, userId, time, eventType, eventId, where } = log;
  const reading = Object.entries(file.reading).map(([key, value]) =>
    setting(`sources.events.${key}`, value, 'how the file has to be read'),
  );
  return [
    { ...logFile, path: ['sources', 'events', 'files'], value: file.files },
    ...reading,
    ...(where
      ? [
          {
            ...where,
            path: ['sources', 'events', 'where'],
            value: (where.value.written as { sql: string }).sql,
          },
        ]
      : []),
    ...mapping('events', 'user_id', userId),
    ...mapping('events', 'event_time', time),
    ...mapping('events', 'event_type', eventType),
    ...(eventId ? mapping('events', 'event_id', eventId) : []),
    ...daily.made.flatMap(({ name, as }) => mapping('events', name, as)),
  ];
}

function userSettings({ users, statics }: Findings): Setting[] {
  if (users === null) {
    return [
      setting(
        'sources.users.from',
        'events',
        'no file has one row per user of the events: everyone with an event is a user, signed up with the first',
        'medium',
      ),
      ...statics.flatMap(({ name, as }) => [
        { ...as, path: ['sources', 'users', 'columns', name], value: as.value.of[0] },
      ]),
    ];
  }
  const { key, signup, found } = users;
  const id: Reasoned<Expression> = { ...found, value: key.ofUsers };
  return [
    { ...found, path: ['sources', 'users', 'files'], value: key.file.files },
    ...mapping('users', 'user_id', id),
    ...mapping('users', 'signup_date', signup),
    ...statics.flatMap(({ name, as }) => mapping('users', name, as)),
  ];
}

function labelSettings({ choice, endColumn }: Findings): Setting[] {
  const { horizon } = choice;
  const other: Alternative[] =
    endColumn === null
      ? []
      : [
          {
            value: { kind: 'date', column: endColumn },
            because: `"${endColumn}" says on which day users ended`,
          },
        ];
  return [
    setting(
      'label.kind',
      'inactivity',
      `no event says that a user left: churned is who has no event within the horizon${endColumn ? `; or kind: date, column: ${endColumn}` : ''}`,
      endColumn === null ? 'medium' : 'low',
      other,
    ),
    { ...horizon, path: ['label', 'horizon_days'] },
    setting(
      'population.active_within_days',
      horizon.value,
      `who has been silent for ${horizon.value} days has churned already`,
      'medium',
    ),
  ];
}

function featureSettings({ daily, choice, statics, users }: Findings): Setting[] {
  const names = statics.map(({ name }) => name);
  return [
    setting('features.daily.total_events', { count: 'all' }, 'all events of a day'),
    ...daily.columns.map((column) => ({ ...column.aggregate, path: ['features', 'daily', column.daily] })),
    { ...choice.windows, path: ['features', 'windows'] },
    setting('features.rolling.active_days', { sum: 'is_active_day' }, 'days with an event in each window'),
    setting('features.rolling.events', { sum: 'total_events' }, 'events in each window'),
    ...daily.columns.map(({ rolling, over, daily: of }) =>
      setting(`features.rolling.${rolling}`, over, `${of} over each window`),
    ),
    setting(
      'features.ratios',
      {},
      'none is proposed: which quotients mean something is for you to say',
      'medium',
    ),
    setting(
      'features.static',
      names,
      names.length === 0
        ? 'no column of users repeats enough to learn from'
        : `${users === null ? "as in a user's first event" : 'as they stand in the file today, not as they were'}: ${statics.map(({ column, as }) => `${column} (${as.because})`).join(', ')}`,
      'medium',
    ),
    setting('features.optional', [], 'all of them are there'),
  ];
}

/** Rows of a training set, roughly: fewer teach too little, more cost hours. */
const FEWEST_CHURNED = 200;
const MOST_ROWS = 2_000_000;

function trainingSettings({ choice, events, users }: Findings): Setting[] {
  const facts = events.horizons.find(({ days }) => days === choice.horizon.value);
  const { userDays, churned } = facts ?? { userDays: 0, churned: 0 };
  const weekly = userDays / 7;
  const every = Math.ceil(userDays / MOST_ROWS);
  const rate = userDays > 0 ? `, ${percent(churned / userDays)} churned` : '';
  const sampling =
    churned / 7 < FEWEST_CHURNED
      ? setting(
          'training.sampling',
          'all',
          `weekly would leave about ${count(Math.round(weekly))} rows${rate}`,
          'medium',
        )
      : weekly > MOST_ROWS
        ? setting(
            'training.sampling',
            { every_days: every },
            `about ${count(Math.round(userDays / every))} rows${rate}`,
            'medium',
          )
        : setting(
            'training.sampling',
            'weekly',
            `about ${count(Math.round(weekly))} rows of users at risk${rate}; neighbouring days say nearly the same`,
          );
  const constantSignup = users !== null && users.signup.value.of.length === 0;
  return [
    sampling,
    ...(constantSignup
      ? [
          setting(
            'training.exclude',
            ['days_since_signup'],
            'the sign-up day is the same for all, so that it would only tell the date',
          ),
        ]
      : []),
  ];
}

/** So many features are watched beside activity and recency. */
const WATCHED = 4;

function driftSettings({ daily, choice }: Findings): Setting[] {
  const windows = choice.windows.value;
  const window = choice.horizon.value > 30 ? (windows[windows.length - 2] ?? windows[0]) : windows[0];
  const watched = daily.columns.filter(({ watch }) => watch).slice(0, WATCHED);
  const features = ['active_days', 'events', ...watched.map(({ rolling }) => rolling)].map(
    (name) => `${name}_${window}d`,
  );
  return [
    setting(
      'drift.features',
      [...features, 'days_since_last_activity'],
      'how much, of what, and how recent; add what your decisions rest on',
      'medium',
    ),
  ];
}
