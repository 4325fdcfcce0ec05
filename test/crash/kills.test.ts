import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { cleanUp } from '../jobs/project.js';
import { killCommands } from './campaign.js';
import { SHORT } from './short.js';
import { SHORT_STORY } from './world.js';

after(cleanUp);

it('a few commands killed at 20 moments lose nothing (kills.slow.ts: all of them, at 500)', async (context) => {
  const seed = process.env.CHURN_CRASH_SEED ?? String(Date.now());
  context.diagnostic(`CHURN_CRASH_SEED=${seed} repeats it`);
  const told = await killCommands({
    story: SHORT_STORY,
    commands: SHORT,
    seed,
    kills: 20,
    atOnce: 2,
    tell: (line) => context.diagnostic(line),
  });
  assert.equal(told.kills, 20);
  assert.deepEqual(told.failures, []);
});
