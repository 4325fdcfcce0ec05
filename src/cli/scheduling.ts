import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { Log } from '../log.js';
import type { EndedJob } from '../notify/changes.js';
import { type Project, STARTED_BY } from '../open.js';
import { runChild } from '../schedule/child.js';
import { runScheduler } from '../schedule/scheduler.js';
import { type ScheduleState, scheduleState } from '../schedule/state.js';
import { type TaskJob, type TaskTools, worked } from '../schedule/task.js';
import { type CliContext, EXIT } from './command.js';
import type { Output } from './output.js';
import { wholeOption } from './values.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/** What failed in passing is tried again after this, then after twice as long. */
const RETRY = { tries: 3, pauseMilliseconds: 10_000 };

export async function schedule(context: CliContext): Promise<number> {
  const { output, options, signal } = context;
  const project = await context.project();
  const { config, history, clock } = project;
  if (options.list === true) {
    const limit = wholeOption(options, 'limit', 3);
    const state = await scheduleState(history, config.schedule, { now: clock(), limit });
    output.report(state, () => showState(output, state));
    return EXIT.fine;
  }
  const log = pino({ base: { process: process.pid } }, pino.destination({ dest: 2, sync: true }));
  log.info({ lines: config.schedule, triggers: config.triggers.runner }, 'scheduler begins');
  await runScheduler({
    history,
    schedule: config.schedule,
    triggers: config.triggers,
    leaseSeconds: config.history.lease_seconds,
    clock,
    log,
    signal,
    retry: RETRY,
    start: childStarter(context, project, log),
    ended: async ({ jobs }, run) => {
      for (const job of jobs) {
        await project.notifier?.jobEnded(endedJob(job, run));
      }
    },
  });
  log.info({}, 'scheduler ended');
  return EXIT.fine;
}

/** Commands as processes of their own, for the same project. */
function childStarter(context: CliContext, project: Project, log: Log): TaskTools['start'] {
  const program = [process.execPath, ...process.execArgv, MAIN];
  return async (args, { startedBy, signal }) => {
    const [command] = args;
    const span = project.tracing?.begin({
      name: `schedule ${command}`,
      kind: 'internal',
      parent: null,
      attributes: { 'churn.run': startedBy },
    });
    const { code } = await runChild({
      program,
      args: [...args, '--config', project.file],
      folder: context.folder,
      environment: {
        ...context.environment,
        [STARTED_BY]: startedBy,
        ...(span && { TRACEPARENT: span.traceparent }),
      },
      signal,
      onLine: (text) => log.info({ run: startedBy, command }, text),
    });
    span?.end({ 'churn.exit_code': code }, worked(code) ? null : `exit ${code}`);
    return code;
  };
}

/** A job that was killed could not tell so itself; one that could has done it, and it is not told again. */
function endedJob({ command, exit_code, run }: TaskJob, startedBy: string): EndedJob {
  const [name] = command.split(' ');
  const failed = worked(exit_code) ? null : `it ended with exit code ${exit_code}`;
  return { command: name, run: run ?? startedBy, failed };
}

function showState(output: Output, { lines, schedulers, open_triggers }: ScheduleState): void {
  output.table(
    ['line', 'cron', 'next', 'last', 'outcome', 'exit', 'run'],
    lines.flatMap(({ line, cron, next, last }) =>
      (last.length === 0 ? [null] : last).map((one, i) => [
        i === 0 ? line : '',
        i === 0 ? cron : '',
        i === 0 ? (next ?? '-') : '',
        one?.due ?? '-',
        one === null ? '-' : one.outcome === 'ran' ? (one.status ?? '-') : one.outcome,
        one?.exit_code?.toString() ?? '-',
        one?.run ?? '-',
      ]),
    ),
  );
  output.line(
    schedulers.length === 0
      ? output.tone('warn', 'no scheduler is running: churn-mlops schedule')
      : schedulers
          .map(({ process: { id, host }, since }) => `scheduler: process ${id} on ${host}, since ${since}`)
          .join('\n'),
  );
  open_triggers.forEach((key) => {
    output.line(`open trigger: ${key}`);
  });
}
