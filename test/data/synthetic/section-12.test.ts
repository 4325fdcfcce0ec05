import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from '../../../src/data/engine/sql.js';
import { EVENT_TYPES } from '../../../src/data/synthetic/event-types.js';
import { generateEvents } from '../../../src/data/synthetic/events.js';
import { PAID } from '../../../src/data/synthetic/population.js';
import { generateUsers } from '../../../src/data/synthetic/users.js';
import { readTable } from '../../../src/data/tables.js';
import { dayNumber } from '../../../src/time.js';
import { openTestEngine } from '../project.js';

const folder = join(process.env.CHURN_SHARED ?? '../shared', 'data', 'section12');
const skip = existsSync(join(folder, 'events.parquet')) ? false : `no ${folder}`;

interface Marginals {
  count: number;
  minutes: number;
  score: number;
  amount: number;
}

test('the preset has the marginals of the described file', { skip }, async (t) => {
  const users = generateUsers(SETTINGS);
  const { byType, silentAtDay } = summary(users);
  const described = await describedMarginals();
  for (const type of EVENT_TYPES) {
    const ours = byType.get(type)!;
    const theirs = described.get(type)!;
    t.diagnostic(`${type}: ${ours.count} events, described ${theirs.count}`);
    // Users are drawn anew, and counts per user spread: 3 % covers it for the frequent types, 20 % for the rare ones.
    near(ours.count, theirs.count, theirs.count > 5000 ? 0.04 : 0.2, type);
  }
  near(byType.get('video_watch')!.minutes, described.get('video_watch')!.minutes, 0.02, 'mean minutes');
  near(byType.get('quiz_attempt')!.score, described.get('quiz_attempt')!.score, 0.02, 'mean score');
  near(byType.get('payment_success')!.amount, described.get('payment_success')!.amount, 0.02, 'mean amount');

  const labels = readFileSync(join(folder, 'labels_by_day.csv'), 'utf8').trim().split('\n').slice(1);
  const [, size, churned] = labels.at(-1)!.split(',').map(Number);
  const rate = silentAtDay(labels.length - 1) / users.chunk.rows;
  t.diagnostic(`churned on the last labelled day: ${rate}, described ${churned / size}`);
  near(rate, churned / size, 0.15, 'churn rate');
  const mean = labels.reduce((sum, _, day) => sum + silentAtDay(day), 0) / labels.length / users.chunk.rows;
  const theirMean = labels.reduce((sum, line) => sum + Number(line.split(',')[2]), 0) / labels.length / size;
  near(mean, theirMean, 0.15, 'mean churn rate');
});

test('2,000 users, 35 % paid, all signed up in the 40 days before the start', () => {
  const { population, chunk } = generateUsers(SETTINGS);
  assert.equal(chunk.rows, 2000);
  const paid = population.plan.reduce((sum, plan) => sum + (plan === PAID ? 1 : 0), 0) / 2000;
  assert.ok(Math.abs(paid - 0.35) < 0.03);
  assert.ok(population.signup.every((day) => day <= 0 && day > -40));
});

const SETTINGS = {
  users: 2000,
  days: 120,
  seed: 42,
  start: '2026-01-01',
  preset: 'section-12',
  drift: [],
} as const;

function summary(users: ReturnType<typeof generateUsers>) {
  const days = SETTINGS.days;
  const active = new Uint8Array(users.chunk.rows * days);
  const sums = EVENT_TYPES.map(() => ({ count: 0, minutes: 0, score: 0, amount: 0 }));
  const first = dayNumber(SETTINGS.start);
  for (const { rows, columns } of generateEvents(SETTINGS, users)) {
    const [, ids, times, types, , minutes, scores, amounts] = columns as Float64Array[];
    for (let i = 0; i < rows; i++) {
      const sum = sums[types[i]];
      sum.count++;
      sum.minutes += minutes[i];
      sum.score += scores[i];
      sum.amount += amounts[i];
      active[(ids[i] - 1) * days + Math.floor(times[i] / 86_400_000_000) - first] = 1;
    }
  }
  const byType = new Map(
    EVENT_TYPES.map((type, i) => {
      const { count, minutes, score, amount } = sums[i];
      return [
        type as string,
        { count, minutes: minutes / count, score: score / count, amount: amount / count },
      ];
    }),
  );
  /** Users without an event in the 30 days after a day. */
  const silentAtDay = (day: number) =>
    Array.from({ length: users.chunk.rows }).filter(
      (_, user) => !active.subarray(user * days + day + 1, user * days + day + 31).includes(1),
    ).length;
  return { byType, silentAtDay };
}

async function describedMarginals(): Promise<Map<string, Marginals>> {
  const engine = await openTestEngine(join(tmpdir(), `churn-section-12-${process.pid}`));
  try {
    const found = await engine.rows<{ type: string } & Marginals>(
      sql`SELECT event_type AS type, count(*) AS count, avg(watch_minutes) AS minutes, avg(quiz_score) AS score, avg(amount) AS amount
        FROM ${readTable(engine, join(folder, 'events.parquet'))} GROUP BY 1`,
    );
    return new Map(found.map(({ type, ...marginals }) => [type, marginals]));
  } finally {
    await engine.close();
  }
}

function near(ours: number, theirs: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(ours / theirs - 1) < tolerance, `${what}: ${ours}, described ${theirs}`);
}
