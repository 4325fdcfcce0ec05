import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { raw, sql } from '../../../src/data/engine/sql.js';
import { inSample } from '../../../src/data/population.js';
import { ChurnError } from '../../../src/error.js';
import { sha256OfFile } from '../../../src/files.js';
import { addDays, dayNumber } from '../../../src/time.js';
import { csv, type Row, type TestProject, testProject } from '../project.js';
import { FIRST_DAY, type SmallWorld, smallWorld } from './small-world.js';

const WORLD = smallWorld(11, 60);
const FEATURES = {
  windows: [7, 14],
  ratios: {},
  rolling: { active_days: { sum: 'is_active_day' }, minutes: { sum: 'watch_minutes_sum' } },
};
const HORIZON = 10;
const ALL = { population: 'all', training: { sampling: 'all', complete_windows: false } };

async function trainingSet(
  settings: object,
  at: string | null = null,
  use: (rows: Row[], project: TestProject) => Promise<void> | void = () => undefined,
  world: SmallWorld = WORLD,
): Promise<Row[]> {
  const project = await testProject(
    {
      sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
      features: FEATURES,
      label: { kind: 'inactivity', horizon_days: HORIZON },
      ...settings,
    },
    { 'users.csv': csv(world.users as Row[]), 'events.csv': csv(world.eventRows) },
    at,
  );
  try {
    await project.run('prepare', 'features', 'labels', 'training-set');
    const rows = await project.table(project.layout.trainingDataset);
    await use(rows, project);
    return rows;
  } finally {
    await project.close();
  }
}

const daysOf = (rows: Row[]) => [...new Set(rows.map((row) => String(row.as_of_date)))].sort();

describe('the training set', () => {
  it('holds every labelled user-day when nothing is left out', async () => {
    const rows = await trainingSet(ALL);
    assert.equal(rows.length, 12 * (60 - HORIZON));
  });

  it('first days without complete windows stay out of the training set', async () => {
    const rows = await trainingSet({ ...ALL, training: { sampling: 'all', complete_windows: true } });
    assert.equal(daysOf(rows)[0], addDays(FIRST_DAY, 14 - 1));
    assert.equal(rows.length, 12 * (60 - HORIZON - 13));
  });

  it('users long gone stay out of the default population', async () => {
    const all = await trainingSet(ALL);
    const atRisk = await trainingSet({ ...ALL, population: { active_within_days: 14 } });
    assert.deepEqual(
      atRisk,
      all.filter((row) => Number(row.active_days_14d) > 0),
    );
    const gone = all.filter((row) => Number(row.days_since_last_activity) >= 14);
    assert.ok(gone.length > 0);
    assert.ok(atRisk.every((row) => Number(row.days_since_last_activity) < 14));
  });

  it('takes any condition as the population', async () => {
    const all = await trainingSet(ALL);
    const paid = await trainingSet({ ...ALL, population: { where: "plan = 'paid' OR active_days_7d >= 4" } });
    assert.deepEqual(
      paid,
      all.filter((row) => row.plan === 'paid' || Number(row.active_days_7d) >= 4),
    );
    assert.ok(paid.length > 0 && paid.length < all.length);
  });

  for (const [sampling, step] of [
    ['weekly', 7],
    [{ every_days: 3 }, 3],
  ] as const) {
    it(`takes each user every ${step} days`, async () => {
      const all = await trainingSet(ALL);
      const rows = await trainingSet({ ...ALL, training: { sampling, complete_windows: false } });
      assert.deepEqual(
        rows,
        all.filter((row) => (dayNumber(String(row.as_of_date)) + groupOf(String(row.user_id))) % step === 0),
      );
      for (let i = 1; i < rows.length; i++) {
        if (rows[i].user_id === rows[i - 1].user_id) {
          const gap = dayNumber(String(rows[i].as_of_date)) - dayNumber(String(rows[i - 1].as_of_date));
          assert.equal(gap, step);
        }
      }
      assert.equal(new Set(rows.map((row) => row.user_id)).size, 12);
    });
  }

  it('keeps a seventh of the users on every weekday when sampled weekly', async () => {
    const project = await testProject({ training: { sampling: 'weekly' } });
    const { engine, config } = project;
    const days = sql`DATE '2025-03-03' + CAST(days.value AS INTEGER)`;
    const rows = await engine.rows<{ day: number; users: number }>(
      sql`SELECT ${engine.dialect.dayNumber(sql`as_of_date`)} AS day, count(*) AS users
        FROM (SELECT users.value AS user_id, ${days} AS as_of_date
          FROM ${engine.dialect.series(raw('1'), raw('7000'))} AS users CROSS JOIN ${engine.dialect.series(raw('0'), raw('13'))} AS days) AS grid
        WHERE ${inSample(engine, config)} GROUP BY 1`,
    );
    assert.equal(rows.length, 14);
    assert.equal(
      rows.reduce((sum, row) => sum + row.users, 0),
      14_000,
    );
    for (const { day, users } of rows) {
      assert.ok(Math.abs(users - 1000) < 200, `${users} of 7000 users on day ${day}`);
    }
    await project.close();
  });

  it('knows on a day only labels whose horizon ended by then', async () => {
    const at = addDays(FIRST_DAY, 40);
    const rows = await trainingSet(ALL, at);
    const newest = daysOf(rows).at(-1);
    assert.equal(newest, addDays(at, -HORIZON));
    const late = await trainingSet(ALL, addDays(FIRST_DAY, 500));
    assert.deepEqual(late, await trainingSet(ALL));
  });

  it('refuses an empty answer with exit code 3 and keeps the old file', async () => {
    const project = await testProject(
      {
        sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
        features: FEATURES,
        label: { kind: 'inactivity', horizon_days: HORIZON },
        ...ALL,
        population: { where: 'active_days_7d > 7' },
      },
      { 'users.csv': csv(WORLD.users as Row[]), 'events.csv': csv(WORLD.eventRows) },
    );
    await project.run('prepare', 'features', 'labels');
    await writeFile(project.layout.trainingDataset, 'the old one');
    await assert.rejects(
      project.run('training-set'),
      (error: ChurnError) =>
        error instanceof ChurnError && error.code === 'data.insufficient' && error.exitCode === 3,
    );
    assert.equal(await readFile(project.layout.trainingDataset, 'utf8'), 'the old one');
    await project.close();
  });

  it('is the same bytes when built twice, by other runs and with other threads', async () => {
    const hashes = new Set<string>();
    const keep = async (_: Row[], project: TestProject) => {
      hashes.add(await sha256OfFile(project.layout.trainingDataset));
      await project.run('prepare', 'features', 'labels', 'training-set');
      hashes.add(await sha256OfFile(project.layout.trainingDataset));
    };
    await trainingSet(ALL, null, keep);
    await trainingSet({ ...ALL, engine: { threads: 1 } }, null, keep);
    assert.equal(hashes.size, 1);
  });

  it('does not depend on the order of the events', async () => {
    const inOrder = await trainingSet(ALL);
    const turned = { ...WORLD, eventRows: [...WORLD.eventRows].reverse() };
    assert.deepEqual(await trainingSet(ALL, null, undefined, turned), inOrder);
  });
});

/** The hash group of a user, as the dialects define it. */
function groupOf(unit: string): number {
  return createHash('md5').update(unit).digest()[0] % 64;
}
