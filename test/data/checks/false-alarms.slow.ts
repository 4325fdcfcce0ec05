import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configSchema } from '../../../src/config/schema.js';
import { volumeProblems } from '../../../src/data/checks/volume.js';
import { generatedDays } from './generated-days.js';

const { volume } = configSchema.parse({}).checks;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const DAYS = 365;
/** Each day of a year from the one on which the pattern is whole. */
const FROM = 7 * volume.weeks;

/** On how many days of generated years the check tells something, and on how many it stops the pipeline. */
function alarms(users: number, feed: string | null): { days: number; told: number; stopped: number } {
  let [days, told, stopped] = [0, 0, 0];
  for (const seed of SEEDS) {
    const counted = generatedDays({
      users,
      days: DAYS,
      seed,
      start: '2025-01-01',
      preset: 'default',
      drift: feed === null ? [] : [{ kind: 'feed', date: feed }],
    });
    for (let i = feed === null ? FROM : DAYS - 1; i < counted.length; i++) {
      const problems = volumeProblems(counted.slice(0, i + 1), counted[i], volume);
      days++;
      told += problems.length > 0 ? 1 : 0;
      stopped += problems.some(({ severity }) => severity === 'error') ? 1 : 0;
    }
  }
  return { days, told, stopped };
}

describe('volume far from its weekly pattern', () => {
  for (const users of [80, 200, 1000]) {
    it(`clean years of ${users} users`, (context) => {
      const { days, told, stopped } = alarms(users, null);
      context.diagnostic(`${told} of ${days} days told, ${stopped} stopped`);
      assert.ok(told <= 0.002 * days, `${told} of ${days}`);
      assert.equal(stopped, 0);
    });

    it(`a feed of ${users} users that loses 70 % of its events is stopped on the first day`, (context) => {
      const { days, stopped } = alarms(users, '2025-12-31');
      context.diagnostic(`${stopped} of ${days} stopped`);
      assert.ok(stopped >= days - 1, `${stopped} of ${days}`);
    });
  }
});
