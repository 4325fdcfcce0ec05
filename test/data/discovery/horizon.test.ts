import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { countEvents } from '../../../src/data/discovery/count-events.js';
import type { EventFacts, HorizonFacts } from '../../../src/data/discovery/facts.js';
import {
  chooseHorizon,
  daysNeeded,
  HORIZONS,
  longestStretch,
  windowsFor,
} from '../../../src/data/discovery/horizon.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { sql } from '../../../src/data/engine/sql.js';
import { readTable } from '../../../src/data/tables.js';
import { splitByTime } from '../../../src/model/split.js';
import { random as randomFrom } from '../../../src/random.js';
import { addDays, dayOfNumber } from '../../../src/time.js';
import { csv, openTestEngine, testProject } from '../project.js';

const FIRST = 15_000;
const DAYS = 200;

/** Active days of users who pause for up to 100 days and of whom some stop for good. */
function activeDays(users: number, seed: number): number[][] {
  const chance = randomFrom(seed);
  return Array.from({ length: users }, () => {
    const stop = chance.uniform() < 0.5 ? chance.uniform() * DAYS : DAYS;
    const days: number[] = [];
    for (
      let day = Math.floor(chance.uniform() * 60);
      day < stop;
      day += 1 + Math.floor(100 * chance.uniform() ** 5)
    ) {
      days.push(day);
    }
    return days.length > 0 ? days : [0];
  });
}

describe('what is counted of gaps', () => {
  const users = [...activeDays(80, 3), [0], [DAYS - 1]];
  let folder: string;
  let engine: Engine;
  let facts: NonNullable<Awaited<ReturnType<typeof countEvents>>>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'churn-gaps-'));
    engine = await openTestEngine(folder);
    const rows = users.flatMap((days, user) => days.map((day) => [user, FIRST + day]));
    await engine.run(
      sql`CREATE TABLE log AS SELECT CAST(u AS VARCHAR) AS _unit, CAST(d AS INTEGER) AS _day, 'x' AS _type
        FROM (SELECT unnest(${rows.map(([user]) => user)}) AS u, unnest(${rows.map(([, day]) => day)}) AS d)`,
    );
    const found = await countEvents(engine, sql`log`);
    assert.ok(found !== null);
    facts = found;
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is the users, the days, and gaps that began long enough before the end', () => {
    assert.equal(facts.users, users.length);
    assert.deepEqual([facts.first, facts.last], [dayOfNumber(FIRST), dayOfNumber(FIRST + DAYS - 1)]);
    assert.equal(facts.margin, 90);
  });

  it('agrees with counting one user and day after another', () => {
    for (const { days: horizon, ...found } of facts.horizons) {
      const { lateReturns, ...expected } = byHand(users, horizon, facts.margin);
      assert.deepEqual(
        { ...found, lateReturns: null },
        { ...expected, lateReturns: null },
        `${horizon} days`,
      );
      assert.ok(Math.abs((found.lateReturns ?? Number.NaN) - (lateReturns ?? Number.NaN)) < 1e-12);
    }
  });

  it('agrees with the labels and the population of the pipeline', async () => {
    const project = await testProject(
      {
        format: 'csv',
        sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
        features: {
          static: [],
          optional: [],
          windows: [14, 30],
          daily: { total_events: { count: 'all' } },
          rolling: { active_days: { sum: 'is_active_day' } },
          ratios: {},
        },
        drift: { features: ['active_days_14d'] },
        label: { kind: 'inactivity', horizon_days: 14 },
        population: { active_within_days: 14 },
      },
      {
        'users.csv': csv(users.map((_, user) => ({ user_id: user, signup_date: dayOfNumber(FIRST) }))),
        'events.csv': csv(
          users.flatMap((days, user) =>
            days.map((day) => ({
              user_id: user,
              event_time: `${dayOfNumber(FIRST + day)} 12:00:00`,
              event_type: 'x',
            })),
          ),
        ),
      },
    );
    try {
      await project.run('prepare', 'features', 'labels');
      const table = (path: string) => readTable(project.engine, path);
      const [labelled] = await project.engine.rows<{ rows: number; churned: number }>(
        sql`SELECT count(*) AS rows, CAST(sum(churn_label) AS INTEGER) AS churned FROM ${table(project.layout.labelsDaily)} AS labels
          JOIN ${table(project.layout.userFeaturesDaily)} AS features USING (user_id, as_of_date) WHERE active_days_14d > 0`,
      );
      const { userDays, churned } = facts.horizons.find(({ days }) => days === 14) as HorizonFacts;
      assert.deepEqual({ rows: userDays, churned }, labelled);
      assert.ok(churned > 100);
    } finally {
      await project.close();
    }
  });
});

function byHand(users: number[][], horizon: number, margin: number): Omit<HorizonFacts, 'days'> {
  const last = DAYS - 1;
  const shares: number[] = [];
  let [silent, back, userDays, churned] = [0, 0, 0, 0];
  for (const days of users) {
    const gaps = days.slice(1).map((day, i) => ({ from: days[i], length: day - days[i] }));
    const seen = gaps.filter(({ from }) => from <= last - margin);
    if (seen.length > 0) {
      shares.push(seen.filter(({ length }) => length > horizon).length / seen.length);
    }
    days.forEach((day, i) => {
      const next = days[i + 1] ?? Number.POSITIVE_INFINITY;
      if (day <= last - 2 * horizon && next > day + horizon) {
        silent++;
        back += Number.isFinite(next) ? 1 : 0;
      }
    });
    for (let at = 0; at <= last - horizon; at++) {
      if (days.some((day) => day <= at && day > at - horizon)) {
        userDays++;
        churned += days.some((day) => day > at && day <= at + horizon) ? 0 : 1;
      }
    }
  }
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return { lateReturns: mean, returnedAfter: silent > 0 ? back / silent : null, userDays, churned };
}

describe('which horizon is proposed', () => {
  const facts = (late: number[], back: (number | null)[] = []): EventFacts => ({
    rows: 1000,
    users: 500,
    first: '2025-01-01',
    last: '2025-12-31',
    longestStep: 1,
    returning: 400,
    margin: 90,
    horizons: HORIZONS.map((days, i) => ({
      days,
      lateReturns: late[i],
      returnedAfter: back[i] ?? null,
      userDays: 1000,
      churned: 100,
    })),
    types: [],
  });

  it('is the smallest that few returns outlast', () => {
    const { horizon, windows, enough } = chooseHorizon(facts([0.2, 0.08, 0.05, 0.01, 0]), 365);
    assert.deepEqual(
      [horizon.value, horizon.confidence, windows.value, enough],
      [30, 'high', [7, 14, 30], true],
    );
    assert.match(horizon.because, /5 % came after more than 30 days \(mean over 400 users who came back\)/);
    assert.equal(horizon.alternatives.length, 4);
  });

  it('is longer where most of the silent come back', () => {
    assert.equal(
      chooseHorizon(facts([0.03, 0.02, 0.01, 0, 0], [0.8, 0.6, 0.5, 0.1, 0]), 365).horizon.value,
      30,
    );
  });

  it('is the longest, and a guess, where no horizon is safe', () => {
    const { horizon, windows } = chooseHorizon(facts([0.9, 0.8, 0.7, 0.5, 0.4]), 500);
    assert.deepEqual([horizon.value, horizon.confidence, windows.value], [90, 'low', [7, 30, 90]]);
    assert.match(
      horizon.because,
      /none has at most 5 % and 50 %: many who are called churned will come back/,
    );
  });

  it('is shorter than the gaps ask for where the history is too short, and says so', () => {
    const { horizon, enough } = chooseHorizon(facts([0.9, 0.8, 0.7, 0.04, 0.03]), 130);
    assert.deepEqual([horizon.value, horizon.confidence, enough], [30, 'low', true]);
    assert.match(
      horizon.because,
      /60 would fit the gaps better, but needs 212 days of history, and there are 130/,
    );
  });

  it('is no shorter than the longest silence of everybody', () => {
    const safe = facts([0.01, 0, 0, 0, 0]);
    assert.equal(chooseHorizon(safe, 365).horizon.value, 7);
    assert.equal(chooseHorizon({ ...safe, longestStep: 12 }, 365).horizon.value, 14);
  });

  it('is about the longest part of a log with long silences', () => {
    const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    assert.deepEqual(longestStretch([0, ...run(100, 300), 310, ...run(500, 600)]), {
      first: 100,
      last: 310,
      longestStep: 10,
    });
    assert.deepEqual(longestStretch([...run(0, 50), ...run(150, 200)]), {
      first: 150,
      last: 200,
      longestStep: 1,
    });
    assert.deepEqual(longestStretch([7]), { first: 7, last: 7, longestStep: 0 });
  });

  it('says when no horizon can be trained', () => {
    const { enough, needed } = chooseHorizon(facts([0.01, 0, 0, 0, 0]), 20);
    assert.deepEqual([enough, needed], [false, daysNeeded(7, [7])]);
  });

  it('asks for no more days than the split needs', () => {
    for (const horizon of HORIZONS) {
      const days = daysNeeded(horizon, [horizon]);
      assert.equal(Math.max(...(windowsFor(horizon, days) ?? [])), horizon);
      assert.equal(windowsFor(horizon, days - 1), null);
      const labelled = days - (horizon - 1) - horizon;
      const from = '2025-01-01';
      const split = splitByTime({
        days: { from, to: addDays(from, labelled) },
        testShare: 0.2,
        validationShare: 0.2,
        purgeDays: horizon,
      });
      assert.ok(split.learn.to >= addDays(from, 13), `${horizon}: ${JSON.stringify(split)}`);
    }
  });
});
