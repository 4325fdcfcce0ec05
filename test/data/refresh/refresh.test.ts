import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { sql } from '../../../src/data/engine/sql.js';
import { readFooter } from '../../../src/data/parquet/footer.js';
import type { Refreshed } from '../../../src/data/refresh/refresh-table.js';
import { readState } from '../../../src/data/refresh/table-state.js';
import { sha256OfFile } from '../../../src/files.js';
import { addDays } from '../../../src/time.js';
import type { Row } from '../project.js';
import { FIRST_DAY, smallWorld } from '../steps/small-world.js';
import { type Log, type RefreshedProject, refreshedProject, type Settings } from './refreshed-project.js';

const DAYS = 60;
const LAST = addDays(FIRST_DAY, DAYS - 1);
const HORIZON = 6;
const WORLD = smallWorld(5, DAYS + 1);

const SETTINGS: Settings = {
  features: {
    windows: [3, 7],
    ratios: {
      fail: { numerator: 'payment_failed_7d', denominator: ['payment_success_7d', 'payment_failed_7d'] },
    },
  },
  label: { kind: 'inactivity', horizon_days: HORIZON },
  population: { active_within_days: 7 },
  training: { sampling: 'all' },
  drift: { features: [] },
};

const dayOf = (event: Row) => String(event.event_time).slice(0, 10);
const before = (day: string) => WORLD.eventRows.filter((event) => dayOf(event) < day);

/** All but the last day. */
const OLD: Log = { users: WORLD.users as Row[], events: before(addDays(LAST, 1)) };

const newEvent = (user_id: Row[string], day: string, event_type = 'login'): Row => ({
  event_id: 100_000 + Number(day.replaceAll('-', '')),
  user_id,
  event_type,
  watch_minutes: 12.25,
  quiz_score: null,
  event_time: `${day}T13:00:00Z`,
});

const newUser = (user_id: number, signup_date: string): Row => ({
  ...(WORLD.users[0] as Row),
  user_id,
  signup_date,
});

const spans = (refreshed: Refreshed) => refreshed.days?.map(({ from, to }) => `${from} ${to}`);
const done = (by: Record<string, Refreshed>) =>
  Object.fromEntries(Object.entries(by).map(([step, { done }]) => [step, done]));

/** A project that ran over the old days. */
async function ranOnce(settings = SETTINGS): Promise<RefreshedProject> {
  const project = await refreshedProject(settings);
  assert.deepEqual([...new Set(Object.values(done(await project.run(OLD))))], ['whole']);
  return project;
}

describe('what has not changed is not made again', () => {
  it('skips every step when nothing changed, and touches no file', async () => {
    const project = await ranOnce();
    const { layout } = project;
    const files = [layout.userDaily, layout.userFeaturesDaily, layout.labelsDaily, layout.trainingDataset];
    const hashes = () => Promise.all(files.map(sha256OfFile));
    const first = await hashes();
    assert.deepEqual([...new Set(Object.values(done(await project.run(OLD))))], ['skipped']);
    // The same rows in another order are other bytes, and nothing new.
    const turned = { ...OLD, events: [...OLD.events].reverse() };
    const { validate, ...others } = await project.run(turned);
    assert.equal(validate.done, 'whole');
    assert.deepEqual([...new Set(Object.values(done(others)))], ['skipped']);
    assert.deepEqual(await hashes(), first);
    await project.close();
  });

  it('a new day makes that day, and the day whose label it settles', async () => {
    const project = await ranOnce();
    const log = { ...OLD, events: WORLD.eventRows };
    const next = addDays(LAST, 1);
    const ran = await project.run(log);
    assert.deepEqual(spans(ran.prepare), [`${next} ${next}`]);
    assert.deepEqual(spans(ran.features), [`${next} ${next}`]);
    const settled = addDays(next, -HORIZON);
    assert.deepEqual(spans(ran.labels), [`${settled} ${settled}`]);
    assert.deepEqual(spans(ran['training-set']), [`${settled} ${settled}`]);
    await project.assertAsNew(log);
    await project.close();
  });

  it('a new day with new users adds them to all days', async () => {
    const project = await ranOnce();
    const log = {
      users: [...OLD.users, newUser(101, LAST), newUser(102, addDays(LAST, 1))],
      events: [...WORLD.eventRows, newEvent(101, addDays(LAST, 1))],
    };
    const ran = await project.run(log);
    assert.deepEqual(
      [ran.prepare, ran.features, ran.labels].map((step) => [step.done, step.new_users, step.days?.length]),
      Array(3).fill(['days', true, 1]),
    );
    await project.assertAsNew(log);
    const again = await project.run({ ...log, users: [...log.users, newUser(103, LAST)] });
    assert.deepEqual(
      [again.prepare, again.features, again.labels].map((step) => [
        step.done,
        step.new_users,
        step.days?.length,
      ]),
      Array(3).fill(['days', true, 0]),
    );
    await project.assertAsNew({ ...log, users: [...log.users, newUser(103, LAST)] });
    await project.close();
  });

  it('a user who was not known before brings the events of old days', async () => {
    const project = await ranOnce();
    // The log holds events of 999, who is in no user table yet.
    const log = { ...OLD, users: [...OLD.users, newUser(999, addDays(FIRST_DAY, 3))] };
    const ran = await project.run(log);
    assert.deepEqual([ran.prepare.done, ran.prepare.new_users], ['days', true]);
    await project.assertAsNew(log);
    await project.close();
  });

  it('a late event makes the days of its windows, and those whose labels look at it', async () => {
    const project = await ranOnce();
    const late = addDays(LAST, -40);
    const log = { ...OLD, events: [...OLD.events, newEvent(5, late)] };
    const ran = await project.run(log);
    assert.deepEqual(spans(ran.prepare), [`${late} ${late}`]);
    assert.deepEqual(spans(ran.features), [`${late} ${addDays(late, 6)}`]);
    assert.deepEqual(spans(ran.labels), [`${addDays(late, -HORIZON)} ${addDays(late, -1)}`]);
    await project.assertAsNew(log);
    const ranBack = await project.run(OLD);
    assert.deepEqual(spans(ranBack.features), [`${late} ${addDays(late, 6)}`]);
    await project.assertAsNew(OLD);
    await project.close();
  });

  it('follows the recency of a user who was silent afterwards', async () => {
    const project = await ranOnce();
    // The second user is silent after the first third.
    const late = addDays(LAST, -20);
    const log = { ...OLD, events: [...OLD.events, newEvent(2, late)] };
    const ran = await project.run(log);
    assert.deepEqual(spans(ran.features), [`${late} ${LAST}`]);
    await project.assertAsNew(log);
    await project.close();
  });

  it('a late event and a new day leave the days between alone', async () => {
    const project = await ranOnce();
    const late = addDays(LAST, -30);
    const log = { ...OLD, events: [...WORLD.eventRows, newEvent(5, late, 'quiz_attempt')] };
    const ran = await project.run(log);
    const next = addDays(LAST, 1);
    assert.deepEqual(spans(ran.features), [`${late} ${addDays(late, 6)}`, `${next} ${next}`]);
    await project.assertAsNew(log);
    await project.close();
  });

  it('makes all of it when old users, settings, or the first day change', async () => {
    const project = await ranOnce();
    const changes: [string, Log, Settings][] = [
      [
        'a plan',
        { ...OLD, users: OLD.users.map((user, i) => (i === 2 ? { ...user, plan: 'gold' } : user)) },
        SETTINGS,
      ],
      ['a user left out', { ...OLD, users: OLD.users.slice(1) }, SETTINGS],
      [
        'an earlier event',
        { ...OLD, events: [...OLD.events, newEvent(3, addDays(FIRST_DAY, -2))] },
        SETTINGS,
      ],
      ['the last day left out', { ...OLD, events: before(LAST) }, SETTINGS],
      [
        'what makes a day active',
        OLD,
        { ...SETTINGS, features: { ...(SETTINGS.features as Settings), activity: 'login' } },
      ],
      [
        'another log',
        { users: smallWorld(9, DAYS).users as Row[], events: smallWorld(9, DAYS).eventRows },
        SETTINGS,
      ],
    ];
    for (const [what, log, settings] of changes) {
      const ran = await project.run(log, settings);
      assert.deepEqual([what, ran.prepare.done, ran.features.done], [what, 'whole', 'whole']);
      await project.assertAsNew(log, settings);
    }
    await project.run(OLD);
    const windows = { ...SETTINGS, features: { ...(SETTINGS.features as Settings), windows: [2, 7] } };
    assert.deepEqual(done(await project.run(OLD, windows)), {
      validate: 'whole',
      prepare: 'skipped',
      features: 'whole',
      labels: 'skipped',
      'training-set': 'whole',
    });
    await project.assertAsNew(OLD, windows);
    await project.close();
  });
});

describe('labels that look at the sources', () => {
  const cancels = {
    ...OLD,
    events: [
      ...OLD.events,
      newEvent(5, addDays(LAST, -25), 'cancel'),
      newEvent(6, addDays(LAST, -9), 'cancel'),
    ],
  };
  const dated = {
    ...OLD,
    users: OLD.users.map((user, i) => ({ ...user, left_on: i % 3 === 0 ? addDays(LAST, -i) : null })),
  };

  it('by event are made whole when an event comes, and left alone otherwise', async () => {
    const settings = {
      ...SETTINGS,
      label: { kind: 'event', horizon_days: HORIZON, events: { cancel: 'voluntary' } },
    };
    const project = await refreshedProject(settings);
    await project.run(cancels);
    assert.equal((await project.run(cancels)).labels.done, 'skipped');
    const log = { ...cancels, events: [...cancels.events, newEvent(7, addDays(LAST, -30), 'cancel')] };
    const ran = await project.run(log);
    assert.deepEqual([ran.prepare.done, ran.features.done, ran.labels.done], ['days', 'days', 'whole']);
    await project.assertAsNew(log);
    await project.close();
  });

  it("by date are made whole when a user's date comes", async () => {
    const settings = { ...SETTINGS, label: { kind: 'date', horizon_days: HORIZON, column: 'left_on' } };
    const project = await refreshedProject(settings);
    await project.run(dated);
    assert.equal((await project.run(dated)).labels.done, 'skipped');
    // The date is no column of user_daily.
    const log = {
      ...dated,
      users: dated.users.map((user, i) => (i === 4 ? { ...user, left_on: addDays(LAST, -15) } : user)),
    };
    const ran = await project.run(log);
    assert.deepEqual([ran.prepare.done, ran.features.done, ran.labels.done], ['skipped', 'skipped', 'whole']);
    await project.assertAsNew(log);
    await project.close();
  });
});

describe('what is asked for is made anew', () => {
  it('--force makes everything, --days these days and what follows from them', async () => {
    const project = await ranOnce();
    const days = { from: addDays(LAST, -20), to: addDays(LAST, -18) };
    const ran = await project.run(OLD, SETTINGS, days);
    assert.deepEqual(spans(ran.prepare), [`${days.from} ${addDays(days.to, -1)}`]);
    assert.deepEqual(spans(ran.features), [`${days.from} ${addDays(days.to, 5)}`]);
    await project.assertAsNew(OLD);
    assert.deepEqual([...new Set(Object.values(done(await project.run(OLD, SETTINGS, 'all'))))], ['whole']);
    await project.close();
  });

  it('steps that run apart find out what they missed', async () => {
    const project = await ranOnce();
    const late = { ...OLD, events: [...OLD.events, newEvent(5, addDays(LAST, -40))] };
    await project.run(late, SETTINGS, undefined, ['prepare']);
    const log = { ...OLD, events: [...WORLD.eventRows, newEvent(5, addDays(LAST, -40))] };
    await project.run(log, SETTINGS, undefined, ['prepare', 'labels']);
    const ran = await project.run(log);
    assert.deepEqual([ran.prepare.done, ran.features.done, ran.labels.done], ['skipped', 'days', 'skipped']);
    await project.assertAsNew(log);
    await project.close();
  });

  it('a table of others, a broken one and a missing one are made whole', async () => {
    const project = await ranOnce();
    const { layout, engine } = project;
    const bytes = await readFile(layout.userFeaturesDaily);
    const spoil: (() => Promise<unknown>)[] = [
      () =>
        engine.write(
          sql`SELECT 1 AS user_id, DATE '2025-01-01' AS as_of_date`,
          layout.userFeaturesDaily,
          'parquet',
        ),
      () => writeFile(layout.userFeaturesDaily, bytes.subarray(0, bytes.length / 2)),
      () => writeFile(layout.userFeaturesDaily, 'no table'),
      async () => {
        // Pages are damaged, the footer is not: what is to be copied row by row cannot be read.
        const { groups } = await readFooter(layout.userFeaturesDaily);
        const damaged = Buffer.from(bytes);
        damaged.fill(255, groups[0].start, groups[0].end);
        await writeFile(layout.userFeaturesDaily, damaged);
      },
    ];
    for (const each of spoil) {
      await each();
      const log = { ...OLD, events: [...OLD.events, newEvent(5, addDays(LAST, -40))] };
      const ran = await project.run(log);
      assert.equal(ran.features.done, 'whole');
      await project.assertAsNew(log);
      await project.run(OLD, SETTINGS, 'all');
    }
    await project.close();
  });

  it('many new days are put together into full row groups again', async () => {
    const project = await refreshedProject(SETTINGS);
    for (let day = 15; day <= DAYS; day++) {
      const log = { ...OLD, events: before(addDays(FIRST_DAY, day)) };
      await project.run(log, SETTINGS, undefined, ['prepare']);
    }
    const { groups } = await readFooter(project.layout.userDaily);
    assert.ok(groups.length < 41, `${groups.length} row groups`);
    await project.run(OLD);
    await project.assertAsNew(OLD);
    await project.close();
  });

  it('a text is written whole, or left alone', async () => {
    const settings = { ...SETTINGS, format: 'csv' };
    const project = await ranOnce(settings);
    const { prepare, features, labels, 'training-set': training } = await project.run(OLD);
    assert.deepEqual(
      [prepare, features, labels, training].map(({ done }) => done),
      Array(4).fill('skipped'),
    );
    const log = { ...OLD, events: WORLD.eventRows };
    assert.equal((await project.run(log)).features.done, 'whole');
    await project.assertAsNew(log);
    // Somebody edits it: it is no longer what its record says.
    await writeFile(
      project.layout.userDaily,
      (await readFile(project.layout.userDaily, 'utf8')).replace('free', 'paid'),
    );
    assert.equal(await readState(project.layout.userDaily, 'csv'), null);
    assert.equal((await project.run(log)).prepare.done, 'whole');
    await project.close();
  });
});
