import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLANS, PREMIUM } from '../../../src/data/synthetic/population.js';
import { type Drift, parseDrift } from '../../../src/data/synthetic/settings.js';
import { ChurnError } from '../../../src/error.js';
import { addDays } from '../../../src/time.js';
import { BASE, churnRate, FEATURES, featureValues, psi, userDays } from './user-days.js';

const AT = 200;
const DAYS = 290;
const on = (kind: Drift['kind'], strength?: number) => ({
  days: DAYS,
  drift: [{ kind, date: addDays(BASE.start, AT), strength }],
});
const clean = userDays({ days: DAYS });
const reference = featureValues(clean, 60, AT);

for (const kind of ['shift', 'feed'] as const) {
  test(`${kind}: activity and minutes fall within 14 days, not a day before`, (t) => {
    const drifted = userDays(on(kind));
    assert.deepEqual(drifted.eventsByDay.slice(0, AT), clean.eventsByDay.slice(0, AT));
    const week = featureValues(drifted, AT + 7, AT + 14);
    const moved = Object.fromEntries(FEATURES.map((name) => [name, psi(reference[name], week[name])]));
    t.diagnostic(JSON.stringify(moved, (_, v) => (v.toFixed ? +v.toFixed(3) : v)));
    assert.ok(moved.watch_minutes_7d > 0.25, `PSI ${moved.watch_minutes_7d}`);
    if (kind === 'shift') {
      assert.ok(moved.active_days_7d > 0.25, `PSI ${moved.active_days_7d}`);
    } else {
      const kept = sum(drifted.eventsByDay, AT) / sum(clean.eventsByDay, AT);
      assert.ok(Math.abs(kept - 0.3) < 0.01, `${kept} of the events arrive`);
    }
    assert.ok(moved.engagement_score < 0.05);
  });
}

test('nulls: watch_minutes is missing on most events from the date on, and nothing else changes', () => {
  const drifted = userDays(on('nulls'));
  assert.deepEqual(drifted.eventsByDay, clean.eventsByDay);
  assert.deepEqual(drifted.events, clean.events);
  assert.equal(sum(drifted.missingByDay.slice(0, AT), 0), 0);
  const missing = sum(drifted.missingByDay, AT) / sum(drifted.eventsByDay, AT);
  assert.ok(Math.abs(missing - 0.8) < 0.01, `${missing} missing`);
});

test('category: a plan that nobody had before the date, and a visible share after it', () => {
  const { users } = userDays(on('category'));
  const { signup, leave, plan } = users.population;
  let premium = 0;
  let all = 0;
  for (let user = 0; user < signup.length; user++) {
    assert.ok(plan[user] !== PREMIUM || signup[user] >= AT);
    if (signup[user] <= AT + 30 && leave[user] > AT + 30) {
      all++;
      premium += plan[user] === PREMIUM ? 1 : 0;
    }
  }
  assert.ok(premium / all > 0.08, `${premium} of ${all} after 30 days`);
  assert.ok((users.chunk.columns[2] as string[]).includes(PLANS[PREMIUM]));
});

test('concept: the features stay, the engaged leave', (t) => {
  const drifted = userDays(on('concept'));
  const { engagement, leave } = drifted.users.population;
  assert.deepEqual(drifted.eventsByDay.slice(0, AT), clean.eventsByDay.slice(0, AT));
  const before = leaversOf(engagement, leave, 60, AT);
  const after = leaversOf(engagement, leave, AT + 5, DAYS);
  t.diagnostic(`mean engagement of leavers ${before.toFixed(3)}, then ${after.toFixed(3)}`);
  assert.ok(before < 0.43 && after > 0.52);
  const week = featureValues(drifted, AT + 60, AT + 67);
  for (const name of FEATURES) {
    const moved = psi(reference[name], week[name]);
    t.diagnostic(`${name}: PSI ${moved.toFixed(3)}`);
    assert.ok(moved < 0.1, `${name}: PSI ${moved}`);
  }
  const rate = churnRate(drifted, AT + 45);
  assert.ok(rate > 0.04 && rate < 0.11, `churn rate ${rate}`);
});

test('strength scales a drift', () => {
  const weak = sum(userDays(on('shift', 0.2)).eventsByDay, AT);
  const strong = sum(userDays(on('shift', 0.8)).eventsByDay, AT);
  assert.ok(strong < 0.5 * weak);
});

test('the described preset drifts as well', () => {
  const settings = { ...BASE, preset: 'section-12', days: 120 } as const;
  const count = (kind: Drift['kind']) =>
    userDays({ ...settings, drift: [{ kind, date: addDays(BASE.start, 60) }] });
  const plain = userDays(settings);
  assert.ok(sum(count('shift').eventsByDay, 60) < 0.6 * sum(plain.eventsByDay, 60));
  assert.ok(sum(count('feed').eventsByDay, 60) < 0.4 * sum(plain.eventsByDay, 60));
  assert.ok(sum(count('nulls').missingByDay, 60) > 0.7 * sum(plain.eventsByDay, 60));
  assert.equal(count('category').users.chunk.rows, 2200);
  const { engagement, leave } = count('concept').users.population;
  assert.ok(leaversOf(engagement, leave, 60, 120) > leaversOf(engagement, leave, 30, 60) + 0.1);
});

test('a drift is read as it is typed', () => {
  assert.deepEqual(parseDrift('shift@2025-03-01'), { kind: 'shift', date: '2025-03-01' });
  assert.deepEqual(parseDrift('nulls@2025-03-01:0.5'), { kind: 'nulls', date: '2025-03-01', strength: 0.5 });
  for (const text of [
    'shift',
    'quake@2025-03-01',
    'shift@2025-02-30',
    'shift@2025-03-01:x',
    'shift@2025-03-01:',
  ]) {
    assert.throws(
      () => parseDrift(text),
      (error) => error instanceof ChurnError && error.code === 'usage.invalid',
      text,
    );
  }
});

function sum(values: ArrayLike<number>, from: number): number {
  let total = 0;
  for (let i = from; i < values.length; i++) {
    total += values[i];
  }
  return total;
}

function leaversOf(engagement: Float64Array, leave: Int32Array, from: number, to: number): number {
  const gone = engagement.filter((_, i) => leave[i] >= from && leave[i] < to);
  return gone.reduce((total, value) => total + value, 0) / gone.length;
}
