import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScheduleState } from '../../src/schedule/state.js';
import { startCli } from '../cli/run-cli.js';
import { call, cleanUp, newProject } from '../jobs/project.js';

after(cleanUp);

it('schedule runs our own commands, logs what they say, keeps their exit codes, and ends in order', async () => {
  const schedule = { drift: '* * * * * *', score: 'off', retrain: 'off', poll_seconds: 0.2 };
  const { root, history } = await newProject({ schedule });
  const scheduler = startCli(root, ['schedule']);
  const ended = async () =>
    (await history.runs({ command: 'schedule' })).find(
      ({ result, finished_at }) => Array.isArray(result.jobs) && finished_at !== null,
    );
  for (let i = 0; i < 300 && (await ended()) === undefined; i++) {
    await sleep(100);
  }
  const state = (await call(root, ['schedule', '--list', '--json'])).json<ScheduleState>();
  assert.deepEqual(
    state.schedulers.map(({ process }) => process.id),
    [scheduler.process.pid],
  );
  scheduler.process.kill('SIGTERM');
  const { code, err } = await scheduler.ended;
  assert.equal(code, 0, err);
  const run = await ended();
  assert.deepEqual([run?.status, run?.exit_code], ['failed', 66], 'there are no data');
  const jobs = run?.result.jobs as { exit_code: number; tries: number; run: string }[];
  assert.deepEqual([jobs[0].exit_code, jobs[0].tries], [66, 1]);
  const own = await history.run(jobs[0].run);
  assert.deepEqual([own.command, own.parent, own.exit_code], ['drift', run?.id, 66]);
  const lines = err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(lines.some(({ msg, run: by }) => /\[input\.missing\]/.test(String(msg)) && by === run?.id));
  assert.equal(lines.at(-1)?.msg, 'scheduler ended');
  const after = (await call(root, ['schedule', '--list', '--json'])).json<ScheduleState>();
  assert.deepEqual(after.schedulers, []);
});
