import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CHECK_IDS } from '../../../src/config/checks.js';
import { configSchema } from '../../../src/config/schema.js';
import type { Problem } from '../../../src/data/checks/check.js';
import { CHECKS } from '../../../src/data/checks/index.js';
import type { ErrorCode } from '../../../src/error.js';
import { ChurnError } from '../../../src/error.js';
import { csv, jsonl, type Row, SHARED, testProject, WITHOUT_SHARED } from '../project.js';

const USERS: Row[] = [1, 2, 3].map((user_id) => ({
  user_id,
  signup_date: '2025-01-01',
  plan: 'free',
  is_paid: 0,
  country: 'DE',
  marketing_source: 'ads',
  engagement_score: 0.5,
}));
const TYPES = [
  ...[
    'login',
    'course_enroll',
    'video_watch',
    'quiz_attempt',
    'payment_success',
    'payment_failed',
    'support_ticket',
  ],
];
const EVENTS: Row[] = TYPES.flatMap((event_type, i) =>
  [1, 2].map((user_id) => ({
    event_id: i * 2 + user_id,
    user_id,
    event_time: `2025-01-0${i + 1}T08:00:00Z`,
    event_type,
    watch_minutes: event_type === 'video_watch' ? 12.5 : null,
    quiz_score: event_type === 'quiz_attempt' ? 80 : null,
  })),
);
const change = (rows: Row[], at: number, cells: Row): Row[] =>
  rows.map((row, i) => (i === at ? { ...row, ...cells } : row));

interface Found {
  problems: Problem[];
  status: string;
  error: ChurnError | null;
}

/** What validate finds and says, and whether it stopped. */
async function validated(
  users: Row[] | string,
  events: Row[] | string,
  settings: object = {},
): Promise<Found> {
  const text = (rows: Row[] | string) => (typeof rows === 'string' ? rows : csv(rows));
  const project = await testProject(
    { sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } }, ...settings },
    { 'users.csv': text(users), 'events.csv': text(events) },
  );
  try {
    const error = await project.run('validate').then(
      () => null,
      (thrown: unknown) => thrown as ChurnError,
    );
    const report = await readFile(project.layout.metrics('validation_latest.json'), 'utf8').catch(() => null);
    if (report === null) {
      throw error;
    }
    const { problems, status } = JSON.parse(report) as { problems: Problem[]; status: string };
    return { error, problems, status };
  } finally {
    await project.close();
  }
}

/** The one problem that a planted fault makes, and no other. */
async function onlyProblem(
  users: Row[] | string,
  events: Row[] | string,
  settings?: object,
): Promise<Problem & { stops: boolean }> {
  const { problems, error } = await validated(users, events, settings);
  assert.equal(problems.length, 1, JSON.stringify(problems, null, 1));
  assert.equal(error !== null, problems[0].severity === 'error');
  if (error !== null) {
    assert.ok(
      error instanceof ChurnError && error.code === 'data.invalid' && error.exitCode === 65,
      String(error),
    );
    assert.ok(error.message.includes(problems[0].message));
  }
  return { ...problems[0], stops: error !== null };
}

function assertProblem(
  problem: Problem & { stops: boolean },
  expected: Partial<Problem> & { message?: never; says: RegExp; stops: boolean },
): void {
  const { says, ...facts } = expected;
  for (const [name, value] of Object.entries(facts)) {
    assert.deepEqual(problem[name as keyof typeof problem], value, `${name} of ${JSON.stringify(problem)}`);
  }
  assert.match(problem.message, says);
}

describe('validate', () => {
  it('finds nothing in clean data', async () => {
    assert.deepEqual(await validated(USERS, EVENTS), { problems: [], status: 'OK', error: null });
  });

  it('finds duplicate ids, with how often they stand', async () => {
    assertProblem(await onlyProblem([...USERS, USERS[1]], EVENTS), {
      check: 'duplicates',
      source: 'users',
      rows: 1,
      examples: ['2 (2 times)'],
      says: /every user_id once; got 1 that repeat/,
      stops: true,
    });
    const repeated = EVENTS.map((row, i) => ({ ...row, event_id: i < 6 ? 7 : i < 8 ? 8 : 100 + i }));
    assertProblem(await onlyProblem(USERS, repeated), {
      check: 'duplicates',
      source: 'events',
      rows: 2,
      examples: ['7 (6 times)', '8 (2 times)'],
      says: /every event_id once/,
      stops: true,
    });
  });

  it('does without event ids', async () => {
    const without = EVENTS.map(({ event_id: _, ...row }) => row);
    assert.deepEqual((await validated(USERS, without)).problems, []);
  });

  it('finds events of unknown users, and warns', async () => {
    const events = change(change(EVENTS, 0, { user_id: 77 }), 1, { user_id: 78 });
    const problem = await onlyProblem(USERS, events);
    assertProblem(
      { ...problem, examples: [...problem.examples].sort() },
      {
        check: 'unknown_users',
        severity: 'warning',
        rows: 2,
        examples: ['77', '78'],
        says: /2 events of others, which are left out/,
        stops: false,
      },
    );
  });

  it('stops when all users are unknown: their ids are written differently', async () => {
    const events = EVENTS.map((row) => ({ ...row, user_id: `U${row.user_id}` }));
    assertProblem(await onlyProblem(USERS, events), {
      check: 'unknown_users',
      severity: 'error',
      rows: 14,
      says: /all unknown.*alike/,
      stops: true,
    });
  });

  it('finds text among numbers', async () => {
    assertProblem(await onlyProblem(USERS, change(EVENTS, 4, { watch_minutes: 'many' })), {
      check: 'types',
      source: 'events',
      rows: 1,
      examples: ['many'],
      says: /a number in "watch_minutes"/,
      stops: true,
    });
  });

  it('finds infinities, and takes NaN for null', async () => {
    const infinite = change(change(EVENTS, 4, { watch_minutes: 'Infinity' }), 5, {
      watch_minutes: '-Infinity',
    });
    const events = change(infinite, 0, { watch_minutes: 1.5 });
    const { problems, error } = await validated(USERS, events);
    assert.equal(error?.code, 'data.invalid');
    assert.deepEqual(
      problems.map(({ check, rows }) => [check, rows]),
      [
        ['types', 2],
        ['values', 1],
      ],
    );
    assert.deepEqual((await validated(USERS, change(EVENTS, 4, { watch_minutes: 'NaN' }))).problems, []);
  });

  it('finds times and days that are none', async () => {
    assertProblem(await onlyProblem(USERS, change(EVENTS, 3, { event_time: 'yesterday' })), {
      check: 'types',
      rows: 1,
      examples: ['yesterday'],
      says: /a time in "event_time"/,
      stops: true,
    });
    assertProblem(await onlyProblem(change(USERS, 0, { signup_date: '2025-02-30' }), EVENTS), {
      check: 'types',
      source: 'users',
      examples: ['2025-02-30'],
      says: /a day in "signup_date"/,
      stops: true,
    });
    const numbers = EVENTS.map((row) => ({ ...row, event_time: 1735718400 }));
    const { problems } = await validated(USERS, numbers);
    assert.deepEqual(
      problems.map(({ check, rows }) => [check, rows]),
      [['types', 14]],
    );
  });

  it('finds a bad date of the label', async () => {
    const users = USERS.map((row, i) => ({ ...row, left_on: i === 0 ? 'soon' : null }));
    assertProblem(await onlyProblem(users, EVENTS, { label: { kind: 'date', column: 'left_on' } }), {
      check: 'types',
      examples: ['soon'],
      says: /a day in "left_on"/,
      stops: true,
    });
  });

  it('finds missing keys, days and times', async () => {
    assertProblem(await onlyProblem(USERS, change(EVENTS, 3, { event_time: null })), {
      check: 'nulls',
      rows: 1,
      examples: ['user 2'],
      says: /a value in "event_time"; got null in 1 rows/,
      stops: true,
    });
    assertProblem(await onlyProblem([...USERS, { ...USERS[0], user_id: null }], EVENTS), {
      check: 'nulls',
      source: 'users',
      rows: 1,
      examples: ['null'],
      says: /"user_id"/,
      stops: true,
    });
  });

  it('warns of users without a sign-up day, and stops when nobody has one', async () => {
    assertProblem(await onlyProblem(change(USERS, 0, { signup_date: null }), EVENTS), {
      check: 'nulls',
      severity: 'warning',
      source: 'users',
      rows: 1,
      says: /"signup_date"/,
      stops: false,
    });
    const nobody = USERS.map((row) => ({ ...row, signup_date: null }));
    assertProblem(await onlyProblem(nobody, EVENTS), {
      check: 'nulls',
      rows: USERS.length,
      says: /"signup_date"/,
      stops: true,
    });
  });

  it('finds negative minutes and scores out of range, and warns', async () => {
    assertProblem(await onlyProblem(USERS, change(EVENTS, 4, { watch_minutes: -3 })), {
      check: 'values',
      severity: 'warning',
      rows: 1,
      examples: ['-3.0'],
      says: /"watch_minutes" in 0 or more/,
      stops: false,
    });
    assertProblem(await onlyProblem(USERS, change(EVENTS, 6, { quiz_score: 101 })), {
      check: 'values',
      rows: 1,
      says: /"quiz_score" in 0 to 100/,
      stops: false,
    });
    assertProblem(await onlyProblem(change(USERS, 0, { engagement_score: 1.5 }), EVENTS), {
      check: 'values',
      source: 'users',
      says: /"engagement_score" in 0 to 1/,
      stops: false,
    });
  });

  it('finds events before sign-up, and warns', async () => {
    assertProblem(await onlyProblem(change(USERS, 1, { signup_date: '2025-01-03' }), EVENTS), {
      check: 'before_signup',
      severity: 'warning',
      rows: 2,
      examples: ['2', '2'],
      says: /got 2 on days before/,
      stops: false,
    });
  });

  it('finds event types that never occur, and warns', async () => {
    const without = EVENTS.map((row) =>
      row.event_type === 'payment_failed' ? { ...row, event_type: 'payment_fail' } : row,
    );
    assertProblem(await onlyProblem(USERS, without), {
      check: 'event_types',
      severity: 'warning',
      says: /"payment_failed"; got none \(there are: .*payment_fail\b/,
      stops: false,
    });
  });

  it('finds stray events that stretch the calendar, and long silences', async () => {
    for (const [event_time, between] of [
      ['1970-01-01T00:00:00Z', /between 1970-01-01 and 2025-01-01/],
      ['2099-01-01T00:00:00Z', /between 2025-01-07 and 2099-01-01/],
      ['2025-02-07T00:00:00Z', /every 30 days .*between 2025-01-07 and 2025-02-07/],
    ] as const) {
      const { problems, error } = await validated(USERS, [
        ...EVENTS,
        { ...EVENTS[0], event_id: 999, event_time },
      ]);
      const gap = problems.find(({ check }) => check === 'gaps');
      assert.match(String(gap?.message), between);
      assert.equal(error?.exitCode, 65);
    }
    const within = { ...EVENTS[0], event_id: 999, event_time: '2025-02-06T00:00:00Z' };
    assert.deepEqual((await validated(USERS, [...EVENTS, within])).problems, []);
  });

  it('names every column that is missing, and goes on', async () => {
    const users = USERS.map(({ country: _, plan: __, ...row }) => row);
    const events = change(EVENTS, 0, { event_time: null }).map(({ quiz_score: _, ...row }) => row as Row);
    const { problems, error } = await validated(users, events);
    assert.deepEqual(
      problems.map(({ check, source }) => [check, source]),
      [
        ['columns', 'users'],
        ['columns', 'users'],
        ['columns', 'events'],
        ['nulls', 'events'],
      ],
    );
    assert.match(problems[0].message, /"plan".*sources\.users\.columns/);
    assert.match(String(error?.message), /4 problems/);
  });

  it('finds all problems at once', async () => {
    const users = change([...USERS, USERS[0]], 1, { signup_date: 'never', engagement_score: 7 });
    const events = change(
      change(change(change(EVENTS, 0, { event_time: null }), 4, { watch_minutes: 'x' }), 6, {
        quiz_score: -1,
      }),
      8,
      { user_id: 99, event_type: 'unheard_of' },
    );
    const { problems, status } = await validated(users, events);
    assert.equal(status, 'FAIL');
    assert.deepEqual(
      problems.map(({ check, source }) => `${check} ${source}`),
      [
        ...['types users', 'types events', 'nulls events', 'duplicates users', 'unknown_users events'],
        ...['values events', 'values users'],
      ],
    );
  });

  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

  it('a severity of the configuration counts, and off is off', async () => {
    const users = change(USERS, 1, { signup_date: '2025-01-03' });
    const problem = await onlyProblem(users, EVENTS, { checks: { before_signup: 'error' } });
    assertProblem(problem, { check: 'before_signup', severity: 'error', says: /got 2/, stops: true });
    const off = await validated(users, EVENTS, { checks: { before_signup: { severity: 'off' } } });
    assert.deepEqual(off, { problems: [], status: 'OK', error: null });
    const twice = await onlyProblem([...USERS, USERS[1]], EVENTS, { checks: { duplicates: 'warning' } });
    assertProblem(twice, { check: 'duplicates', severity: 'warning', says: /repeat/, stops: false });
  });

  it('finds event types that nobody expects, once they are declared', async () => {
    const more = EVENTS.map((row) => ({
      ...row,
      event_id: Number(row.event_id) + 100,
      event_type: 'page_view',
    }));
    assert.deepEqual((await validated(USERS, [...EVENTS, ...more])).problems, []);
    const settings = { checks: { event_types: { known: ['webinar'] } } };
    assertProblem(await onlyProblem(USERS, [...EVENTS, ...more], settings), {
      check: 'event_types',
      severity: 'warning',
      rows: 14,
      examples: ['page_view (14 rows)'],
      says: /got 1 others in 14 rows/,
      stops: false,
    });
  });

  it('finds columns that nobody expects, once they are declared', async () => {
    const events = EVENTS.map((row) => ({ ...row, device: 'phone', event_name: 'x' }));
    assert.deepEqual((await validated(USERS, events)).problems, []);
    const settings = { checks: { columns: { events: ['event_id', 'device'] } } };
    assertProblem(await onlyProblem(USERS, events, settings), {
      check: 'columns',
      severity: 'warning',
      examples: ['event_name'],
      says: /checks\.columns\.events; got 1 others/,
      stops: false,
    });
  });

  it('finds a column that is null in every row', async () => {
    const events = EVENTS.map((row) => ({ ...row, quiz_score: null }));
    assertProblem(await onlyProblem(USERS, events), {
      check: 'nulls',
      severity: 'warning',
      rows: 14,
      says: /"quiz_score" of some row; got null in all/,
      stops: false,
    });
  });

  it('finds old data where asked', async () => {
    assertProblem(await onlyProblem(USERS, EVENTS, { checks: { freshness: { within_days: 3 } } }), {
      check: 'freshness',
      severity: 'warning',
      says: /events of the last 3 days; got the newest of 2025-01-07, \d+ days ago/,
      stops: false,
    });
    const stopped = await onlyProblem(USERS, EVENTS, { checks: { freshness: 'error' } });
    assertProblem(stopped, { check: 'freshness', says: /last 2 days/, stops: true });
    const fresh = EVENTS.map((row, i) => ({ ...row, event_time: `${day(-1)}T0${i % 10}:00:00Z` }));
    assert.deepEqual((await validated(USERS, fresh, { checks: { freshness: 'error' } })).problems, []);
  });

  it('stops at stray events of days to come, and warns of a mass of them', async () => {
    const many = Array.from({ length: 20 }, () => EVENTS)
      .flat()
      .map((row, i) => ({ ...row, event_id: i + 1, event_time: `${day(-1 - (i % 5))}T08:00:00Z` }));
    const settings = { label: { kind: 'inactivity', horizon_days: 14 } };
    assertProblem(
      await onlyProblem(USERS, change(many, 7, { event_time: `${day(9)}T08:00:00Z` }), settings),
      {
        check: 'future',
        rows: 1,
        examples: [`${day(9)} (1 events)`],
        says: /got 1 of days to come/,
        stops: true,
      },
    );
    const tomorrow = change(many, 7, { event_time: `${day(1)}T08:00:00Z` });
    assert.deepEqual((await validated(USERS, tomorrow, settings)).problems, []);
    const mass = many.map((row) => ({ ...row, event_time: `${day(3)}T08:00:00Z` }));
    assertProblem(await onlyProblem(USERS, mass, settings), {
      check: 'future',
      severity: 'warning',
      rows: 280,
      says: /days to come/,
      stops: false,
    });
  });

  it('lists every check once, each with a title', () => {
    assert.equal(new Set(CHECKS.map(({ id }) => id)).size, CHECKS.length);
    assert.ok(CHECKS.every(({ title }) => title.length > 10));
    assert.deepEqual(
      CHECKS.map(({ id }) => id),
      CHECK_IDS,
    );
    assert.deepEqual(Object.keys(configSchema.parse({}).checks), CHECK_IDS);
  });
});

describe('sources that are hardly there', () => {
  const refused = (users: string | Row[], events: string | Row[], code: ErrorCode, pattern: RegExp) =>
    assert.rejects(
      validated(users, events),
      (error: ChurnError) =>
        error instanceof ChurnError && error.code === code && pattern.test(error.message),
    );

  it('an empty file is empty data', () =>
    refused(USERS, '', 'data.empty', /events in .*events\.csv; got an empty file/));

  it('a header without rows is an empty table', async () => {
    const header = csv(EVENTS).split('\n')[0];
    assertProblem(await onlyProblem(USERS, `${header}\n`), {
      check: 'empty',
      source: 'events',
      says: /got an empty table/,
      stops: true,
    });
  });

  it('a needed column that is not there is named, with the columns that are', () =>
    refused(
      USERS,
      EVENTS.map(({ user_id, ...row }) => ({ customer: user_id, ...row })),
      'data.column_missing',
      /"user_id" in the events .*customer, .*sources\.events\.columns/,
    ));

  it('a mapped column that is not there is named, with the key', async () => {
    const project = await testProject(
      {
        sources: { users: { files: 'u.csv', columns: { user_id: 'customer' } }, events: { files: 'e.csv' } },
      },
      { 'u.csv': csv(USERS), 'e.csv': csv(EVENTS) },
    );
    await assert.rejects(
      project.run('validate'),
      (error: ChurnError) =>
        error.code === 'data.column_missing' && /sources\.users\.columns\.user_id/.test(error.message),
    );
    await project.close();
  });

  it('a missing file is missing input, with what to do', async () => {
    const project = await testProject({}, {});
    await assert.rejects(
      project.run('validate'),
      (error: ChurnError) =>
        error.code === 'input.missing' && error.exitCode === 66 && /churn-mlops generate/.test(error.message),
    );
    await project.close();
  });

  it('a path without a known ending needs a format', async () => {
    const files = { 'users.dat': jsonl(USERS), 'events.dat': jsonl(EVENTS) };
    const sources = { users: { files: 'users.dat' }, events: { files: 'events.dat' } };
    const project = await testProject({ sources }, files);
    await assert.rejects(project.run('validate'), (error: ChurnError) => error.code === 'config.invalid');
    await project.close();
    const named = {
      users: { ...sources.users, format: 'jsonl' },
      events: { ...sources.events, format: 'jsonl' },
    };
    const second = await testProject({ sources: named }, files);
    const [{ result }] = await second.run('validate');
    assert.equal(result.warnings, 0);
    await second.close();
  });
});

describe('validate on real sizes', { skip: WITHOUT_SHARED }, () => {
  it('takes no longer than the steps it guards', async () => {
    const folder = join(SHARED, 'section12');
    const project = await testProject({
      sources: {
        users: { files: join(folder, 'users.csv') },
        events: { files: join(folder, 'events.parquet') },
      },
    });
    const seconds = async (...steps: string[]) => {
      const started = performance.now();
      await project.run(...steps);
      return (performance.now() - started) / 1000;
    };
    const checks = await seconds('validate');
    const pipeline = await seconds('prepare', 'features', 'labels', 'training-set');
    assert.ok(checks < pipeline, `checks took ${checks.toFixed(2)} s, the steps ${pipeline.toFixed(2)} s`);
    await project.close();
  });
});
