import assert from 'node:assert/strict';
import { test } from 'node:test';
import { churnRate, FEATURES, featureValues, psi, type UserDays, userDays } from './user-days.js';

const MONTHS = Array.from({ length: 11 }, (_, i) => 31 + 30 * i);

/** The largest PSI of any week against days 60 to 200, by feature. */
function largestPsi(year: UserDays): Record<string, number> {
  const reference = featureValues(year, 60, 200);
  const largest: Record<string, number> = {};
  for (const from of MONTHS) {
    const week = featureValues(year, from, from + 7);
    for (const name of FEATURES) {
      largest[name] = Math.max(largest[name] ?? 0, psi(reference[name], week[name]));
    }
  }
  return largest;
}

for (const seed of [42, 7]) {
  test(`a clean year is stationary (seed ${seed})`, (t) => {
    const year = userDays({ seed });
    const largest = largestPsi(year);
    t.diagnostic(
      `largest PSI of a week: ${JSON.stringify(largest, (_, v) => (v.toFixed ? +v.toFixed(4) : v))}`,
    );
    for (const name of FEATURES) {
      assert.ok(largest[name] < 0.05, `${name}: PSI ${largest[name]}`);
    }
    const rates = MONTHS.slice(0, -1).map((day) => churnRate(year, day));
    t.diagnostic(`churn in 30 days, by month: ${rates.map((rate) => rate.toFixed(3)).join(' ')}`);
    for (const rate of rates) {
      assert.ok(rate > 0.045 && rate < 0.1, `churn rate ${rate}`);
    }
    const mean = rates.reduce((sum, rate) => sum + rate) / rates.length;
    assert.ok(mean > 0.055 && mean < 0.08, `mean churn rate ${mean}`);
  });
}

test('users at risk stay as many as asked for, and active user-days have about four events', () => {
  const year = userDays({ users: 1000 });
  const { signup, leave } = year.users.population;
  for (const day of [0, 100, 364]) {
    const present = signup.reduce((sum, from, i) => sum + (from <= day && day < leave[i] ? 1 : 0), 0);
    assert.equal(present, 1000);
  }
  const events = year.events.reduce((sum, count) => sum + count, 0);
  const activeDays = year.events.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  assert.ok(Math.abs(events / activeDays - 4) < 0.4, `${events / activeDays} events on an active day`);
});

test('those who leave decline before, most of them', () => {
  const { users, settings, events } = userDays({ days: 200 });
  const { leave, decline } = users.population;
  let before = 0;
  let last = 0;
  let leavers = 0;
  for (let user = 0; user < users.chunk.rows; user++) {
    if (leave[user] > 70 && leave[user] < 200 && users.population.signup[user] < leave[user] - 70) {
      leavers++;
      const at = user * settings.days + leave[user];
      for (let back = 1; back <= 14; back++) {
        last += events[at - back] > 0 ? 1 : 0;
        before += events[at - back - 50] > 0 ? 1 : 0;
      }
    }
  }
  assert.ok(leavers > 100);
  assert.ok(
    last < 0.75 * before,
    `${last} active days in the last fortnight, ${before} in one 50 days before`,
  );
  const gradual = leave.reduce((sum, day, i) => sum + (decline[i] < day ? 1 : 0), 0) / leave.length;
  assert.ok(gradual > 0.65 && gradual < 0.85);
});
