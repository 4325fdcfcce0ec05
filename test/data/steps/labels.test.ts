import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChurnError } from '../../../src/error.js';
import { addDays } from '../../../src/time.js';
import { csv, type Row, testProject } from '../project.js';

const FIRST = '2025-01-01';
const day = (i: number) => addDays(FIRST, i);
/** One user's days as a text: a letter is an event of that type, a dot a day without. */
const TYPES: Record<string, string[]> = {
  '.': [],
  l: ['login'],
  c: ['cancelled'],
  b: ['login', 'cancelled'],
  x: ['payment_expired'],
  s: ['support_ticket'],
};

interface World {
  /** Event types by day, one letter a day. */
  [user: string]: string;
}

async function labelsOf(
  world: World,
  label: Row | object,
  extra: object = {},
  users: Record<string, Row> = {},
) {
  const events = Object.entries(world).flatMap(([user, days]) =>
    [...days].flatMap((letter, i) =>
      TYPES[letter].map((event_type) => ({ user_id: user, event_time: `${day(i)}T12:00:00Z`, event_type })),
    ),
  );
  const project = await testProject(
    {
      sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
      features: { daily: { total_events: { count: 'all' } }, rolling: {}, ratios: {}, static: [] },
      label,
      ...extra,
    },
    {
      'users.csv': csv(
        Object.keys(world).map((user_id) => ({ user_id, signup_date: FIRST, ...users[user_id] })),
      ),
      'events.csv': csv(events),
    },
  );
  try {
    await project.run('prepare', 'labels');
    return await project.table(project.layout.labelsDaily);
  } finally {
    await project.close();
  }
}

/** The labels of one user: a digit per day, a dot where there is no row. */
function line(rows: Row[], user: string, days: number, column = 'churn_label'): string {
  return Array.from({ length: days }, (_, i) => {
    const row = rows.find((candidate) => candidate.user_id === user && candidate.as_of_date === day(i));
    return row === undefined ? '.' : String(row[column] ?? '-')[0];
  }).join('');
}

describe('labels by inactivity', () => {
  it('look only at days strictly after as_of_date', async () => {
    const rows = await labelsOf(
      { a: 'l...l.....', b: '.........l' },
      { kind: 'inactivity', horizon_days: 3 },
    );
    // Day 0 sees days 1 to 3: nothing. Day 1 sees day 4.
    assert.equal(line(rows, 'a', 10), '1000111...');
    assert.equal(line(rows, 'a', 10, 'future_active_days'), '0111000...');
    assert.equal(line(rows, 'b', 10), '1111110...');
  });

  it('labels exist only once the whole horizon has been seen', async () => {
    const world = { a: 'llllllllll' };
    for (const horizon of [1, 4, 9]) {
      const rows = await labelsOf(world, { kind: 'inactivity', horizon_days: horizon });
      assert.equal(rows.length, 10 - horizon);
      assert.equal(rows.at(-1)?.as_of_date, day(9 - horizon));
    }
    await assert.rejects(
      labelsOf(world, { kind: 'inactivity', horizon_days: 10 }),
      (error: ChurnError) =>
        error instanceof ChurnError && error.code === 'data.insufficient' && error.exitCode === 3,
    );
  });

  it('a user of the user table without events is inactive', async () => {
    const rows = await labelsOf({ never: '', busy: 'llllllllll' }, { kind: 'inactivity', horizon_days: 4 });
    assert.equal(line(rows, 'never', 10), '111111....');
    assert.equal(line(rows, 'busy', 10), '000000....');
  });

  it('count the named event types only; by default those of features.activity', async () => {
    const world = { a: 'lssssssl' };
    const byName = await labelsOf(world, { kind: 'inactivity', horizon_days: 2, events: 'login' });
    assert.equal(line(byName, 'a', 8), '111110..');
    const byAll = await labelsOf(world, { kind: 'inactivity', horizon_days: 2 });
    assert.equal(line(byAll, 'a', 8), '000000..');
    const features = {
      daily: { total_events: { count: 'all' } },
      rolling: {},
      ratios: {},
      static: [],
      activity: 'login',
    };
    const byActivity = await labelsOf(world, { kind: 'inactivity', horizon_days: 2 }, { features });
    assert.equal(line(byActivity, 'a', 8), '111110..');
  });
});

describe('labels by event', () => {
  const LABEL = {
    kind: 'event',
    horizon_days: 3,
    events: { cancelled: 'voluntary', payment_expired: 'payment_failure' },
  };

  it('say which kind of churn comes next, and end with it', async () => {
    const rows = await labelsOf({ a: 'l....c......', b: 'l...x.......', z: '...........l' }, LABEL);
    assert.equal(line(rows, 'a', 12), '00111.......');
    assert.equal(line(rows, 'a', 12, 'churn_kind'), '--vvv.......');
    assert.equal(line(rows, 'b', 12, 'churn_kind'), '-ppp........');
    assert.equal(line(rows, 'z', 12), '000000000...');
  });

  it('begin again when the user is active again on a later day', async () => {
    const rows = await labelsOf({ a: 'lc..l....c..', z: '...........l' }, LABEL);
    // Back on day 4; the second cancellation on day 9 lies within the horizon of days 6 to 8.
    assert.equal(line(rows, 'a', 12), '1...00111...');
  });

  it('take nothing on the day of churn for a return', async () => {
    const rows = await labelsOf({ a: '...b...l....', z: 'l..........l' }, LABEL);
    assert.equal(line(rows, 'a', 12), '111....00...');
  });

  it('take only activity for a return', async () => {
    const features = {
      daily: { total_events: { count: 'all' } },
      rolling: {},
      ratios: {},
      static: [],
      activity: 'login',
    };
    const rows = await labelsOf({ a: 'lc.s..l.....', z: '...........l' }, LABEL, { features });
    assert.equal(line(rows, 'a', 12), '1.....000...');
  });
});

describe('labels by date', () => {
  const LABEL = { kind: 'date', horizon_days: 3, column: 'cancelled_on', kind_column: 'why' };
  const users = {
    a: { cancelled_on: day(5), why: 'payment_failure' },
    b: { cancelled_on: null, why: null },
    c: { cancelled_on: day(9), why: 'voluntary' },
  };

  it('are 1 within the horizon before the date, and end on it', async () => {
    const rows = await labelsOf({ a: 'l.........', b: 'l........l', c: 'l.........' }, LABEL, {}, users);
    assert.equal(line(rows, 'a', 10), '00111.....');
    assert.equal(line(rows, 'a', 10, 'churn_kind'), '--ppp.....');
    assert.equal(line(rows, 'b', 10), '0000000...');
    assert.equal(line(rows, 'c', 10), '0000001...');
    assert.equal(line(rows, 'c', 10, 'churn_kind'), '------v...');
  });

  it('without a kind column say voluntary', async () => {
    const label = { kind: 'date', horizon_days: 3, column: 'cancelled_on' };
    const rows = await labelsOf({ a: 'l.........', b: 'l........l', c: '' }, label, {}, users);
    assert.equal(line(rows, 'a', 10, 'churn_kind'), '--vvv.....');
  });

  it('need the column', async () => {
    await assert.rejects(
      labelsOf({ a: 'l.........' }, { kind: 'date', horizon_days: 3, column: 'left_on' }),
      (error: ChurnError) =>
        error.code === 'data.column_missing' &&
        /left_on/.test(error.message) &&
        /label\.column/.test(error.message),
    );
  });
});
