import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { identifier, join as joinSql, sql } from '../../../src/data/engine/sql.js';
import { readTable } from '../../../src/data/tables.js';
import { type Row, SHARED, type TestProject, testProject, WITHOUT_SHARED } from '../project.js';

const FOLDER = join(SHARED, 'section12');

const CONFIG = {
  sources: {
    users: { files: join(FOLDER, 'users.csv') },
    events: { files: join(FOLDER, 'events.parquet') },
  },
  population: 'all',
  training: { sampling: 'all', complete_windows: false },
};

/** The contract's columns (contract.md), in the order of its table. */
const CONTRACT = {
  userDaily: [
    ...['user_id', 'as_of_date', 'total_events', 'logins_count', 'enroll_count', 'watch_minutes_sum'],
    ...['quiz_attempts_count', 'quiz_avg_score', 'payment_success_count', 'payment_failed_count'],
    ...['support_ticket_count', 'is_active_day', 'days_since_signup'],
    ...['signup_date', 'plan', 'is_paid', 'country', 'marketing_source', 'engagement_score'],
  ],
  rolling: [
    ...['active_days', 'events', 'logins', 'enroll', 'watch_minutes', 'quiz_attempts', 'quiz_avg_score'],
    ...['payment_success', 'payment_failed', 'support_ticket'],
  ],
  last: ['payment_fail_rate_30d', 'days_since_last_activity'],
  labels: ['user_id', 'as_of_date', 'future_active_days', 'churn_label'],
};
const FEATURES = [
  ...CONTRACT.userDaily,
  ...[7, 14, 30].flatMap((window) => CONTRACT.rolling.map((name) => `${name}_${window}d`)),
  ...CONTRACT.last,
];

describe('the described system on its own data', { skip: WITHOUT_SHARED }, () => {
  let project: TestProject;

  before(async () => {
    project = await testProject(CONFIG);
    await project.run('validate', 'prepare', 'features', 'labels', 'training-set');
  });
  after(() => project.close());

  const columnsOf = async (path: string) =>
    (await project.engine.describe(sql`SELECT * FROM ${readTable(project.engine, path)}`)).map(
      ({ name }) => name,
    );
  const theirs = (file: string) =>
    project.engine.rows<Row>(sql`SELECT * FROM ${readTable(project.engine, join(FOLDER, file))}`);

  it("has exactly the contract's columns", async () => {
    const { layout } = project;
    assert.deepEqual(await columnsOf(layout.userDaily), CONTRACT.userDaily);
    assert.deepEqual(await columnsOf(layout.userFeaturesDaily), FEATURES);
    assert.deepEqual(await columnsOf(layout.labelsDaily), CONTRACT.labels);
    assert.deepEqual(await columnsOf(layout.trainingDataset), [...FEATURES, 'churn_label']);
  });

  it('reproduces every figure of features_summary.csv', async () => {
    const expected = (await theirs('features_summary.csv')).map((row) => {
      const [name, sum, nulls, mean, min, max] = Object.values(row);
      return { name: String(name), figures: { sum, nulls, mean, min, max } };
    });
    assert.ok(expected.length >= 40, `only ${expected.length} columns in the summary`);
    const table = readTable(project.engine, project.layout.userFeaturesDaily);
    const aggregates = expected.flatMap(({ name }) => {
      const column = sql`CAST(${identifier(name)} AS DOUBLE)`;
      return [
        sql`sum(${column})`,
        sql`count(*) - count(${column})`,
        sql`avg(${column})`,
        sql`min(${column})`,
        sql`max(${column})`,
      ].map((value, i) => sql`${value} AS ${identifier(`${name}.${i}`)}`);
    });
    const [found] = await project.engine.rows<Record<string, number>>(
      sql`SELECT ${joinSql(aggregates)} FROM ${table}`,
    );
    for (const { name, figures } of expected) {
      Object.entries(figures).forEach(([figure, value], i) => {
        assertClose(found[`${name}.${i}`], Number(value), `${figure} of ${name}`);
      });
    }
  });

  it('reproduces features_sample.csv cell by cell', async () => {
    const sample = await theirs('features_sample.csv');
    assert.equal(sample.length, 300);
    const rows = await project.engine.rows<Row>(
      sql`SELECT ours.* FROM ${readTable(project.engine, project.layout.userFeaturesDaily)} AS ours
        JOIN (SELECT user_id, as_of_date FROM ${readTable(project.engine, join(FOLDER, 'features_sample.csv'))}) AS theirs
          USING (user_id, as_of_date)`,
    );
    const ours = new Map(rows.map((row) => [`${row.user_id} ${row.as_of_date}`, row]));
    for (const row of sample) {
      const mine = ours.get(`${row.user_id} ${row.as_of_date}`);
      assert.ok(mine, `no row for ${row.user_id} on ${row.as_of_date}`);
      assert.deepEqual(Object.keys(row).sort(), [...FEATURES].sort());
      for (const [name, value] of Object.entries(row)) {
        const what = `${name} of user ${row.user_id} on ${row.as_of_date}`;
        if (typeof value === 'number') {
          assertClose(mine[name] as number, value, what);
        } else {
          assert.equal(mine[name], value, what);
        }
      }
    }
  });

  it('reproduces labels_by_day.csv exactly', async () => {
    const found = await project.engine.rows<Row>(
      sql`SELECT as_of_date, count(*) AS size, CAST(sum(churn_label) AS BIGINT) AS sum
        FROM ${readTable(project.engine, project.layout.labelsDaily)} GROUP BY as_of_date ORDER BY as_of_date`,
    );
    assert.deepEqual(found, await theirs('labels_by_day.csv'));
    assert.equal(found.length, 90);
  });

  it('has 180,000 labelled rows under the described rules', async () => {
    const [{ rows, rate }] = await project.engine.rows<{ rows: number; rate: number }>(
      sql`SELECT count(*) AS rows, avg(churn_label) AS rate FROM ${readTable(project.engine, project.layout.trainingDataset)}`,
    );
    assert.equal(rows, 180_000);
    assert.ok(rate > 0.065 && rate < 0.075, `churn rate ${rate}`);
  });
});

/** Equal within a millionth of the value. */
function assertClose(found: number, expected: number, what: string): void {
  assert.equal(typeof found, 'number', `${what}: ${found}`);
  const error = Math.abs(found - expected) / Math.max(Math.abs(expected), 1e-9);
  assert.ok(expected === found || error <= 1e-6, `${what}: expected ${expected}, got ${found}`);
}
