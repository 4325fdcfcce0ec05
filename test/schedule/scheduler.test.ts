import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scheduleSchema, triggersSchema } from '../../src/config/schedule.js';
import type { History } from '../../src/history/history.js';
import type { Project } from '../../src/open.js';
import { runScheduler } from '../../src/schedule/scheduler.js';
import { scheduleState } from '../../src/schedule/state.js';
import { triggerEntry } from '../../src/triggers/trigger.js';
import { cleanUp, newProject, openIn } from '../jobs/project.js';

const stops: (() => Promise<void>)[] = [];

after(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await cleanUp();
});

interface Call {
  by: number;
  command: string;
  at: string;
}

/** Schedulers on one history, with a clock that the test moves and commands that the test answers for. */
async function stage(settings: object = {}) {
  const first = await newProject();
  const calls: Call[] = [];
  const lines: { message: string; details: Record<string, unknown> }[] = [];
  let now = new Date('2026-01-05T12:00:00Z');
  let answer: (command: string, signal: AbortSignal, startedBy: string) => Promise<number> = async () => 0;
  const running: { stop: AbortController; ended: Promise<void> }[] = [];
  const schedule = scheduleSchema.parse({ poll_seconds: 0.02, score: 'off', retrain: 'off', ...settings });
  const log = {
    info: (details: object, message: string) => void lines.push({ message, details: { ...details } }),
    error: (details: object, message: string) => void lines.push({ message, details: { ...details } }),
  };
  const start = async (number: number): Promise<AbortController> => {
    const project: Project = number === 1 ? first : await openIn(first.root);
    const stop = new AbortController();
    const ended = runScheduler({
      history: project.history,
      schedule,
      triggers: triggersSchema.parse({}),
      leaseSeconds: 30,
      clock: () => now,
      log,
      signal: stop.signal,
      retry: { tries: 3, pauseMilliseconds: 5 },
      start: async (args, { startedBy, signal }) => {
        calls.push({ by: number, command: args.join(' '), at: now.toISOString() });
        return answer(args.join(' '), signal, startedBy);
      },
      ended: async () => undefined,
    });
    running.push({ stop, ended });
    return stop;
  };
  const stop = async () => {
    running.forEach((one) => {
      one.stop.abort();
    });
    await Promise.all(running.map(({ ended }) => ended));
  };
  stops.push(stop);
  return {
    history: first.history,
    schedule,
    calls,
    lines,
    start,
    answer: (next: typeof answer) => {
      answer = next;
    },
    clock: async (time: string) => {
      now = new Date(time);
      await sleep(200);
    },
    now: () => now,
    stop,
  };
}

const outcomes = async (history: History) =>
  (await history.runs({ command: 'schedule' }))
    .map(({ result, status }) => `${result.line} ${result.outcome ?? 'ran'} ${status}`)
    .reverse();

describe('the scheduler', () => {
  it('runs a due time once, however many schedulers there are, and says what comes next', async () => {
    const on = await stage();
    await Promise.all([1, 2, 3].map(on.start));
    await on.clock('2026-01-05T12:00:10Z');
    assert.equal(on.calls.length, 0);
    for (const day of ['06', '07', '08']) {
      await on.clock(`2026-01-${day}T01:00:00Z`);
    }
    const state = await scheduleState(on.history, on.schedule, { now: on.now(), limit: 2 });
    await on.stop();
    assert.deepEqual(
      on.calls.map(({ at, command }) => [at.slice(0, 10), command]),
      ['06', '07', '08'].map((day) => [`2026-01-${day}`, 'drift --refresh --insufficient ok']),
    );
    assert.equal(state.schedulers.length, 3);
    const [drift, score] = state.lines;
    assert.equal(drift.next, '2026-01-09T01:00:00.000Z');
    assert.deepEqual(
      drift.last.map(({ due, outcome, status }) => [due.slice(0, 10), outcome, status]),
      [
        ['2026-01-08', 'ran', 'ok'],
        ['2026-01-07', 'ran', 'ok'],
      ],
    );
    assert.deepEqual([score.cron, score.next, score.last], ['off', null, []]);
    const after = await scheduleState(on.history, on.schedule, { now: on.now(), limit: 2 });
    assert.deepEqual(after.schedulers, [], 'they have given their places back');
  });

  it('makes up for the newest missed due time within the deadline, and records the others', async () => {
    const on = await stage();
    const stop = await on.start(1);
    await on.clock('2026-01-05T12:00:01Z');
    await on.clock('2026-01-06T01:00:00Z');
    stop.abort();
    await on.clock('2026-01-09T01:20:00Z');
    await on.start(2);
    await on.clock('2026-01-09T01:20:10Z');
    assert.deepEqual(
      on.calls.map(({ at }) => at.slice(0, 10)),
      ['2026-01-06', '2026-01-09'],
    );
    await on.clock('2026-01-11T15:00:00Z');
    await on.stop();
    assert.equal(on.calls.length, 2, 'too late for the 11th');
    const missed = (await on.history.runs({ command: 'schedule' })).filter(
      ({ result }) => result.outcome === 'missed',
    );
    assert.deepEqual(
      missed.flatMap(({ result }) => (result.due as string[]).map((due) => due.slice(8, 10))).sort(),
      ['07', '08', '10', '11'],
    );
  });

  it('neither repeats nor leaves out a run when the clock goes back or leaps', async () => {
    const on = await stage();
    await Promise.all([1, 2].map(on.start));
    await on.clock('2026-01-06T01:00:00Z');
    await on.clock('2026-01-06T00:30:00Z');
    await on.clock('2026-01-06T01:00:00Z');
    await on.clock('2026-01-05T13:00:00Z');
    await on.clock('2026-01-06T01:30:00Z');
    assert.equal(on.calls.length, 1);
    // A week ahead, and back again: the days in between still come.
    await on.clock('2026-01-13T09:00:00Z');
    await on.clock('2026-01-06T01:31:00Z');
    for (const day of ['07', '08', '13']) {
      await on.clock(`2026-01-${day}T01:00:00Z`);
    }
    await on.stop();
    assert.deepEqual(
      on.calls.map(({ at }) => at.slice(8, 10)),
      ['06', '07', '08', '13'],
    );
  });

  it('never overlaps itself: a due time that comes while the line runs is skipped, and said so', async () => {
    const on = await stage({ drift: '*/10 * * * *' });
    await Promise.all([1, 2].map(on.start));
    await on.clock('2026-01-05T12:00:01Z');
    let open: (code: number) => void = () => undefined;
    const gate = new Promise<number>((resolve) => {
      open = resolve;
    });
    on.answer(() => gate);
    await on.clock('2026-01-05T12:10:00Z');
    await on.clock('2026-01-05T12:20:00Z');
    assert.equal(on.calls.length, 1);
    open(0);
    await on.clock('2026-01-05T12:20:30Z');
    on.answer(async () => 0);
    await on.clock('2026-01-05T12:30:00Z');
    await on.stop();
    assert.deepEqual(
      on.calls.map(({ at }) => at.slice(11, 16)),
      ['12:10', '12:30'],
    );
    assert.deepEqual(await outcomes(on.history), [
      'drift begin ok',
      'drift ran ok',
      'drift skipped attention',
      'drift ran ok',
    ]);
    assert.ok(on.lines.some(({ message }) => /^skipped: its run before/.test(message)));
  });

  it('keeps exit codes; an answer is final, what failed in passing is tried again, evaluate waits for score', async () => {
    const on = await stage({ drift: 'off', score: '0 2 * * *' });
    await on.start(1);
    await on.clock('2026-01-05T12:00:01Z');
    const codes = [74, 137, 0, 2];
    on.answer(async () => codes.shift() as number);
    await on.clock('2026-01-06T02:00:00Z');
    assert.deepEqual(
      on.calls.map(({ command }) => command),
      ['score', 'score', 'score', 'evaluate --insufficient ok'],
    );
    codes.push(65);
    await on.clock('2026-01-07T02:00:00Z');
    await on.stop();
    assert.equal(on.calls.length, 5, 'bad data: neither again nor further');
    const [bad, good] = await on.history.runs({ command: 'schedule', limit: 2 });
    assert.deepEqual([bad.status, bad.exit_code], ['failed', 65]);
    assert.match(bad.error?.message ?? '', /`score` ended with exit code 65/);
    assert.deepEqual([good.status, good.exit_code], ['attention', 2]);
    assert.deepEqual(
      (good.result.jobs as { tries: number; exit_code: number }[]).map((job) => [job.tries, job.exit_code]),
      [
        [3, 0],
        [1, 2],
      ],
    );
  });

  it('starts one retrain for all open triggers; what it cannot do is given up and on record', async () => {
    const on = await stage({ drift: 'off' });
    const post = (...keys: string[]) =>
      on.history.post(
        keys.map((key) => triggerEntry(key, { source: 'api', reason: null, caller: null }, on.now())),
      );
    on.answer(async (_command, _signal, startedBy) => {
      // What the real command does, with a record of its own.
      const run = await on.history.startRun({ command: 'retrain', parent: startedBy });
      const open = await on.history.take({ kind: 'trigger', limit: 100 }, { fence: null });
      await on.history.settle(
        { kind: 'trigger', positions: open.map(({ position }) => position), run },
        { fence: null },
      );
      await on.history.finishRun(run, { status: 'ok', exit_code: 0 });
      return 0;
    });
    await post('a', 'b', 'c');
    await Promise.all([1, 2, 3].map(on.start));
    await sleep(400);
    assert.deepEqual(
      on.calls.map(({ command }) => command),
      ['retrain --refresh --if-needed'],
    );
    on.answer(async () => 1);
    await post('d');
    await sleep(600);
    await on.stop();
    assert.equal(on.calls.length, 4, 'three tries');
    const entries = await on.history.entries({ kind: 'trigger' });
    const runs = await Promise.all(entries.map(({ settled }) => on.history.run(settled?.run ?? '')));
    assert.deepEqual(
      runs.map(({ command, status }) => `${command} ${status}`),
      ['retrain ok', 'retrain ok', 'retrain ok', 'schedule failed'],
    );
  });

  it('waits for the running job when it is told to end, then ends it; another does it again', async () => {
    const on = await stage({ stop_seconds: 0.2 });
    const stop = await on.start(1);
    await on.clock('2026-01-05T12:00:01Z');
    on.answer(
      (_command, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(143))),
    );
    await on.clock('2026-01-06T01:00:00Z');
    stop.abort();
    await on.stop();
    const [cut] = await on.history.runs({ command: 'schedule', limit: 1 });
    assert.deepEqual([cut.status, cut.exit_code, cut.error?.code], ['failed', 143, 'work.cancelled']);
    on.answer(async () => 0);
    await on.start(2);
    await on.clock('2026-01-06T01:01:00Z');
    await on.stop();
    assert.deepEqual(
      on.calls.map(({ by }) => by),
      [1, 2],
    );
  });
});
