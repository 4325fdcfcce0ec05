import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { consistencyProblems } from '../../src/config/consistency.js';
import { type Config, configSchema } from '../../src/config/schema.js';
import { sql } from '../../src/data/engine/sql.js';
import { openSource } from '../../src/data/sources.js';
import { ChurnError } from '../../src/error.js';
import { csv, type Row, type TestProject, testProject } from './project.js';

const EVENTS = csv([
  { user_id: 2, event_time: '2025-01-03T10:00:00Z', event_type: 'buy', shop: 'north', paid: 5 },
  { user_id: 2, event_time: '2025-01-03T09:00:00Z', event_type: 'buy', shop: 'west', paid: 1 },
  { user_id: 2, event_time: '2025-01-03T09:00:00Z', event_type: 'buy', shop: 'east', paid: 2 },
  { user_id: 1, event_time: '2025-01-01T23:30:00-02:00', event_type: 'buy', shop: null, paid: 8 },
  { user_id: 1, event_time: '2025-01-04T00:00:00Z', event_type: 'buy', shop: 'south', paid: 9 },
  { user_id: null, event_time: '2024-12-24T00:00:00Z', event_type: 'buy', shop: 'south', paid: 1 },
]);

const configured = (users: object): Config =>
  configSchema.parse({
    sources: { users: { from: 'events', ...users }, events: { files: 'events.csv' } },
    features: { daily: { bought: { count: 'buy' } }, rolling: {}, ratios: {}, static: [], optional: [] },
  });

describe('users from events', () => {
  let project: TestProject;
  before(async () => {
    project = await testProject({ sources: { events: { files: 'events.csv' } } }, { 'events.csv': EVENTS });
  });
  after(() => project.close());

  async function users(settings: object): Promise<Row[]> {
    const source = await openSource(project.engine, configured(settings), project.root, 'users');
    return project.engine.rows<Row>(sql`SELECT * FROM ${source.relation} AS source ORDER BY user_id`);
  }

  it('is everyone with an event, signed up on the UTC day of the first', async () => {
    assert.deepEqual(await users({}), [
      { user_id: 1, signup_date: '2025-01-02' },
      { user_id: 2, signup_date: '2025-01-03' },
    ]);
  });

  it('takes named columns from the first event: null stays null, of several firsts the smallest', async () => {
    assert.deepEqual(await users({ columns: { home: 'shop' } }), [
      { user_id: 1, signup_date: '2025-01-02', home: null },
      { user_id: 2, signup_date: '2025-01-03', home: 'east' },
    ]);
  });

  it('takes expressions as aggregates over all events, also for the sign-up, and leaves users out', async () => {
    const columns = {
      signup_date: { sql: "DATE '2024-01-01'" },
      last_shop: { sql: 'arg_max(shop, event_time)' },
      paid: { sql: 'sum(paid)' },
    };
    assert.deepEqual(await users({ columns, where: 'paid > 8' }), [
      { user_id: 1, signup_date: '2024-01-01', last_shop: 'south', paid: 17 },
    ]);
  });

  it('names a column that the events lack', async () => {
    await assert.rejects(users({ columns: { home: 'town' } }), (error) => {
      assert.ok(error instanceof ChurnError && error.code === 'data.column_missing');
      assert.match(error.message, /"town" in the events \(sources\.users\.columns\.home\)/);
      return true;
    });
  });

  it('refuses a user_id of its own', () => {
    const problems = consistencyProblems(configured({ columns: { user_id: 'shop' } }));
    assert.ok(problems.some(({ path }) => path === 'sources.users.columns.user_id'));
  });

  it('runs the pipeline: the days before the first event have an age of 0', async () => {
    const whole = await testProject(
      { ...configured({ columns: { home: 'shop' } }), label: { horizon_days: 1 } },
      { 'events.csv': EVENTS.replace(/^,2024.*\n/m, '') },
    );
    try {
      await whole.run('validate', 'prepare', 'features', 'labels');
      const days = await whole.table(whole.layout.userDaily);
      assert.deepEqual(
        days.map((row) => [row.user_id, row.as_of_date, row.bought, row.days_since_signup]),
        [
          [1, '2025-01-02', 1, 0],
          [1, '2025-01-03', 0, 1],
          [1, '2025-01-04', 1, 2],
          [2, '2025-01-02', 0, 0],
          [2, '2025-01-03', 3, 0],
          [2, '2025-01-04', 0, 1],
        ],
      );
    } finally {
      await whole.close();
    }
  });
});
