import assert from 'node:assert/strict';
import { test } from 'node:test';
import { falseAlarms, type World } from './user-days.js';

const CHECKS = 600;

const sizes: Pick<World, 'users' | 'days'>[] = [
  { users: { reference: 400, current: 400 }, days: { reference: 10, current: 7 } },
  { users: { reference: 300, current: 100 }, days: { reference: 30, current: 7 } },
  { users: { reference: 2_000, current: 2_000 }, days: { reference: 10, current: 7 } },
  { users: { reference: 2_000, current: 1_000 }, days: { reference: 1, current: 7 } },
];

for (const size of sizes) {
  for (const kind of ['continuous', 'zeros', 'few'] as const) {
    for (const sameUsers of [true, false]) {
      for (const alike of [0.2, 0.9, 0.99]) {
        const world: World = { ...size, kind, sameUsers, alike };
        test(`user-days without drift alarm in 0 to 3 % at a stated 1 %: ${JSON.stringify(world)}`, (context) => {
          const alarms = falseAlarms(world, CHECKS, 0.01);
          context.diagnostic(`${(100 * alarms).toFixed(2)} % of ${CHECKS} checks`);
          assert.ok(alarms <= 0.03, `${100 * alarms} %`);
        });
      }
    }
  }
}
