import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../error.js';
import type { History, Run, RunStatus } from '../history/history.js';
import type { KeptLease } from '../history/keep-lease.js';
import type { Log } from '../log.js';
import type { Commands } from './lines.js';

/** Work that this process alone may do now. */
export interface Task {
  /** A line of the schedule, or `triggers`. */
  line: string;
  commands: Commands;
  /** For the record. */
  facts: Record<string, unknown>;
  /** What makes it ours. */
  lease: KeptLease;
  /** Told how it ended; `run` is the record. */
  done(run: string, result: TaskResult): Promise<void>;
  /** Gives it back undone. */
  giveBack(): Promise<void>;
}

export interface TaskResult {
  /** Of the command that ended the task. */
  exitCode: number;
  jobs: TaskJob[];
}

export interface TaskJob {
  command: string;
  exit_code: number;
  tries: number;
  /** Its own record; null when it never came so far. */
  run: string | null;
}

export interface TaskTools {
  history: History;
  log: Log;
  /** Runs a command of ours; `startedBy` is the run that it hangs under. */
  start(args: readonly string[], options: { startedBy: string; signal: AbortSignal }): Promise<number>;
  /** Told what ended, after it is on record. Never throws. */
  ended(result: TaskResult, run: string): Promise<void>;
  retry: { tries: number; pauseMilliseconds: number };
}

/** The same again would end the same: an answer, wrong calls, bad data, missing input, a wrong configuration. */
const FINAL: readonly number[] = [0, 2, 3, 64, 65, 66, 78];

/** The next command of a task runs after these. */
const WORKED: readonly number[] = [0, 2, 3];

/** Whether a command with this exit code did its work. */
export const worked = (exitCode: number): boolean => WORKED.includes(exitCode);

/** Does a task to its end. @returns null when it was stopped; then it is not done, and somebody does it again */
export async function runTask(task: Task, tools: TaskTools, stop: AbortSignal): Promise<TaskResult | null> {
  const { history, log } = tools;
  const signal = AbortSignal.any([stop, task.lease.signal]);
  const run = await history.startRun({ command: 'schedule' });
  log.info({ line: task.line, run, ...task.facts }, 'begins');
  const jobs: TaskJob[] = [];
  for (const command of task.commands) {
    const job = await runCommand(command, run, tools, signal);
    jobs.push(job);
    if (!worked(job.exit_code) || signal.aborted) {
      break;
    }
  }
  const result: TaskResult = { exitCode: Math.max(...jobs.map(({ exit_code }) => exit_code)), jobs };
  await history.finishRun(run, {
    ...outcomeOf(result, signal),
    result: { line: task.line, ...task.facts, jobs },
  });
  if (signal.aborted) {
    log.error({ line: task.line, run, reason: messageOf(signal.reason) }, 'stopped; it will be done again');
    return null;
  }
  await task.done(run, result);
  const ended = worked(result.exitCode) ? 'info' : 'error';
  log[ended]({ line: task.line, run, exit_code: result.exitCode }, 'ended');
  await tools.ended(result, run);
  return result;
}

async function runCommand(
  command: readonly string[],
  run: string,
  { history, log, start, retry }: TaskTools,
  signal: AbortSignal,
): Promise<TaskJob> {
  for (let tries = 1; ; tries++) {
    const code = await start(command, { startedBy: run, signal });
    const [own] = await history.runs({ parent: run, command: command[0], limit: 1 });
    const job: TaskJob = { command: command.join(' '), exit_code: code, tries, run: own?.id ?? null };
    if (FINAL.includes(code) || tries >= retry.tries || signal.aborted) {
      return job;
    }
    log.error({ run, command: job.command, exit_code: code, tries }, 'failed; it is tried again');
    await sleep(retry.pauseMilliseconds * 2 ** (tries - 1), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) {
      return job;
    }
  }
}

const STATUS: Record<number, RunStatus> = { 0: 'ok', 2: 'attention', 3: 'insufficient' };

function outcomeOf(
  { exitCode, jobs }: TaskResult,
  signal: AbortSignal,
): Pick<Run, 'status' | 'exit_code'> & { error?: Run['error'] } {
  if (signal.aborted) {
    const error = { code: 'work.cancelled', message: messageOf(signal.reason) };
    return { status: 'failed', exit_code: exitCode, error };
  }
  const status = STATUS[exitCode] ?? 'failed';
  const last = jobs.at(-1);
  return status === 'failed'
    ? {
        status,
        exit_code: exitCode,
        error: { code: 'crash', message: `\`${last?.command}\` ended with exit code ${exitCode}` },
      }
    : { status, exit_code: exitCode };
}
