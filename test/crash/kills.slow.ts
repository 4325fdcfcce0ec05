import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { cleanUp } from '../jobs/project.js';
import { killCommands } from './campaign.js';
import { KILLED } from './commands.js';
import { WHOLE_STORY } from './world.js';

/** CHURN_CRASH_SEED and CHURN_CRASH_ONLY (a number of a kill) show a failure again; CHURN_CRASH_KILLS is how many. */
const {
  CHURN_CRASH_SEED = String(Date.now()),
  CHURN_CRASH_KILLS = '500',
  CHURN_CRASH_ONLY,
  CHURN_CRASH_AT_ONCE = '2',
} = process.env;

after(cleanUp);

it('commands killed at random moments lose nothing', async (context) => {
  const say = (line: string) => {
    context.diagnostic(line);
    console.error(line);
  };
  say(`seed ${CHURN_CRASH_SEED}: CHURN_CRASH_SEED=${CHURN_CRASH_SEED} repeats it`);
  const only = CHURN_CRASH_ONLY === undefined ? undefined : Number(CHURN_CRASH_ONLY);
  const told = await killCommands({
    story: WHOLE_STORY,
    commands: KILLED,
    seed: CHURN_CRASH_SEED,
    kills: Number(CHURN_CRASH_KILLS),
    only,
    atOnce: Number(CHURN_CRASH_AT_ONCE),
    tell: say,
  });
  say(`${told.kills} kills, ${told.ended} of them after the end`);
  assert.deepEqual(told.failures, []);
});
