import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '../../../src/data/engine/sql.js';
import { csv, jsonl, type Row, type TestProject, testProject } from '../project.js';
import { bruteForce, bruteForceLabels } from './brute-force.js';
import { type SmallWorld, smallWorld } from './small-world.js';
import { assertSameTable } from './tables.js';

// Far from UTC, so that a day taken in local time shows.
process.env.TZ = 'America/New_York';

const SMALL = {
  features: { windows: [3, 7, 14] },
  label: { kind: 'inactivity', horizon_days: 10 },
  population: 'all',
  training: { sampling: 'all', complete_windows: false },
  drift: { features: [] },
};
const RATIO = {
  payment_fail_rate: {
    numerator: 'payment_failed_14d',
    denominator: ['payment_success_14d', 'payment_failed_14d'],
    empty: 0,
  },
};
const FEATURES = { ...SMALL.features, ratios: RATIO };

async function assertPipeline(project: TestProject, world: SmallWorld): Promise<void> {
  await project.run('prepare', 'features', 'labels', 'training-set');
  const expected = bruteForce(project.config, world.users, world.events);
  const { layout } = project;
  assertSameTable(await project.table(layout.userFeaturesDaily), expected, 1e-7);
  const labels = bruteForceLabels(expected, 10);
  assert.ok(labels.some((row) => row.churn_label === 1) && labels.some((row) => row.churn_label === 0));
  assertSameTable(await project.table(layout.labelsDaily), labels);
  const byKey = new Map(labels.map((row) => [`${row.user_id} ${row.as_of_date}`, row.churn_label]));
  const joined = expected
    .map((row) => ({ ...row, churn_label: byKey.get(`${row.user_id} ${row.as_of_date}`) ?? null }))
    .filter((row) => row.churn_label !== null);
  assertSameTable(await project.table(layout.trainingDataset), joined as Row[], 1e-7);
}

describe('the pipeline against loops in plain TypeScript', () => {
  for (const [seed, days] of [
    [1, 45],
    [2, 30],
    [3, 24],
  ]) {
    it(`agrees cell by cell on CSV sources, seed ${seed}`, async () => {
      const world = smallWorld(seed, days);
      const project = await testProject(
        {
          ...SMALL,
          features: FEATURES,
          sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
        },
        { 'users.csv': csv(world.users as Row[]), 'events.csv': csv(world.eventRows) },
      );
      await assertPipeline(project, world);
      await project.close();
    });
  }

  it('agrees on JSON lines with text ids, columns by other names and by expressions, and a condition', async () => {
    const world = smallWorld(4, 40, (i) => `u-${i} é`);
    const theirs = world.eventRows.map(({ user_id, event_type, event_time, watch_minutes, quiz_score }) => ({
      customer: user_id,
      what: String(event_type).toUpperCase(),
      at: event_time,
      seconds: watch_minutes === null ? null : Number(watch_minutes) * 60,
      quiz_score,
      test: false,
      unit: 'a name the pipeline might use itself',
      day_idx: -1,
    }));
    const noise = { ...theirs[0], test: true };
    const project = await testProject(
      {
        ...SMALL,
        features: FEATURES,
        sources: {
          users: {
            files: 'people.jsonl',
            columns: { user_id: 'customer', signup_date: { sql: 'CAST(since AS DATE)' } },
          },
          events: {
            files: 'log.jsonl',
            columns: {
              user_id: 'customer',
              event_type: { sql: 'lower(what)' },
              event_time: 'at',
              watch_minutes: { sql: 'seconds / 60 -- they log seconds' },
            },
            where: 'NOT test OR customer IS NULL -- no test accounts',
          },
        },
      },
      {
        'people.jsonl': jsonl(
          world.users.map(({ user_id, signup_date, ...rest }) => ({
            customer: user_id,
            since: signup_date,
            ...rest,
          })),
        ),
        'log.jsonl': jsonl([noise, ...theirs, noise]),
      },
    );
    await assertPipeline(project, world);
    await project.close();
  });

  it('agrees on a glob of Parquet files and writes CSV tables when configured', async () => {
    const world = smallWorld(5, 36);
    const project = await testProject(
      {
        ...SMALL,
        features: FEATURES,
        format: 'csv',
        sources: { users: { files: 'users.csv' }, events: { files: 'events/*.parquet' } },
      },
      { 'users.csv': csv(world.users as Row[]), 'all.csv': csv(world.eventRows) },
    );
    const all = project.engine.dialect.readFiles(`${project.root}/all.csv`, 'csv');
    for (const part of [0, 1, 2]) {
      await project.engine.write(
        sql`SELECT * FROM ${all} WHERE event_id % 3 = ${part}`,
        `${project.root}/events/part-${part}.parquet`,
        'parquet',
      );
    }
    assert.match(project.layout.userDaily, /user_daily\.csv$/);
    await assertPipeline(project, world);
    await project.close();
  });

  it('counts other aggregates, activity by type, max windows and empty ratios as null', async () => {
    const world = smallWorld(6, 30);
    const project = await testProject(
      {
        ...SMALL,
        sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
        features: {
          activity: ['login', 'video_watch'],
          daily: {
            total_events: { count: 'all' },
            payments: { count: ['payment_success', 'payment_failed'] },
            minutes: { sum: 'watch_minutes' },
            best: { mean: 'quiz_score', of: ['quiz_attempt'] },
            kinds: { distinct: 'quiz_score', of: 'quiz_attempt' },
            unit: { count: 'login' },
            activity: { count: 'video_watch' },
            day_idx: { count: 'support_ticket' },
          },
          windows: [5],
          rolling: {
            active_days: { sum: 'is_active_day' },
            unit: { sum: 'unit' },
            minutes: { sum: 'minutes' },
            peak: { max: 'minutes' },
            best: { mean: 'best' },
            kinds: { sum: 'kinds' },
          },
          ratios: { per_event: { numerator: 'minutes_5d', denominator: ['unit_5d'] } },
        },
      },
      { 'users.csv': csv(world.users as Row[]), 'events.csv': csv(world.eventRows) },
    );
    await assertPipeline(project, world);
    await project.close();
  });

  it('agrees on files that differ: other columns, another order, the first fraction in the last row, NaN', async () => {
    const world = smallWorld(7, 30);
    const late = world.events.findLastIndex((event) => event.event_type === 'video_watch');
    world.events.forEach((event, i) => {
      event.watch_minutes = i === late ? 0.5 : i % 11 === 0 ? null : (i * 7) % 90;
    });
    const rows = world.eventRows.map((row, i) => ({
      ...row,
      watch_minutes: world.events[i].watch_minutes ?? null,
    }));
    const half = rows.length >> 1;
    const turned = (row: Row): Row => Object.fromEntries(Object.entries({ ...row, note: 'new' }).reverse());
    const project = await testProject(
      {
        ...SMALL,
        features: FEATURES,
        sources: { users: { files: 'users.csv' }, events: { files: 'events/*.parquet' } },
      },
      {
        'users.csv': csv(world.users as Row[]),
        'csv/1.csv': csv(rows.slice(0, half)),
        'csv/2.csv': csv(rows.slice(half).map(turned)),
      },
    );
    const { engine, root } = project;
    const all = engine.dialect.readFiles(`${root}/csv/*.csv`, 'csv');
    const minutes = sql`coalesce(watch_minutes, CAST('NaN' AS DOUBLE)) AS watch_minutes`;
    const columns = sql`event_id, user_id, event_time, event_type, ${minutes}, quiz_score`;
    await engine.write(
      sql`SELECT ${columns} FROM ${all} WHERE event_id <= ${half}`,
      `${root}/events/1.parquet`,
      'parquet',
    );
    await engine.write(
      sql`SELECT note, ${columns} FROM ${all} WHERE event_id > ${half}`,
      `${root}/events/2.parquet`,
      'parquet',
    );
    await assertPipeline(project, world);
    await project.close();
  });

  it('agrees on CSV tables in which a column has no value at all', async () => {
    const world = smallWorld(8, 24);
    for (const event of world.events) {
      event.quiz_score = null;
    }
    const rows = world.eventRows.map((row) => ({ ...row, quiz_score: null }));
    const project = await testProject(
      {
        ...SMALL,
        features: FEATURES,
        format: 'csv',
        sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
      },
      { 'users.csv': csv(world.users as Row[]), 'events.csv': csv(rows) },
    );
    await assertPipeline(project, world);
    await project.close();
  });

  it('counts days in UTC, wherever the machine and the writer of the file stand', async () => {
    const events = [
      { user_id: 'a', event_time: '2025-01-01T23:30:00-05:00', event_type: 'login' },
      { user_id: 'a', event_time: '2025-01-01T01:00:00+02:00', event_type: 'login' },
      { user_id: 'b', event_time: '2025-01-01T12:00:00Z', event_type: 'login' },
    ];
    const settings = {
      features: { daily: { logins: { count: 'login' } }, rolling: {}, ratios: {}, static: [] },
      sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
    };
    for (const [ending, text] of [
      ['csv', csv(events)],
      ['jsonl', jsonl(events)],
    ]) {
      const sources = { ...settings.sources, events: { files: `events.${ending}` } };
      const project = await testProject(
        { ...settings, sources },
        {
          'users.csv': csv(['a', 'b'].map((user_id) => ({ user_id, signup_date: '2025-01-01' }))),
          [`events.${ending}`]: text,
        },
      );
      await project.run('prepare');
      const rows = await project.table(project.layout.userDaily);
      assert.deepEqual(
        rows.map((row) => `${row.user_id} ${row.as_of_date} ${row.logins} ${row.days_since_signup}`),
        [
          'a 2024-12-31 1 0',
          'a 2025-01-01 0 0',
          'a 2025-01-02 1 1',
          'b 2024-12-31 0 0',
          'b 2025-01-01 1 0',
          'b 2025-01-02 0 1',
        ],
      );
      await project.close();
    }
  });
});
