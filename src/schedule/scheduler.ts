import { setTimeout as sleep } from 'node:timers/promises';
import { type CronLine, cronLine } from '../config/cron.js';
import { LINE_NAMES, type LineName, type ScheduleConfig, type TriggersConfig } from '../config/schedule.js';
import { messageOf } from '../error.js';
import type { History } from '../history/history.js';
import type { Log } from '../log.js';
import type { Clock } from '../time.js';
import { type Claims, claimsOf } from './claims.js';
import { judge } from './due.js';
import { type Presence, showPresence } from './presence.js';
import { noteSlots, slotReader } from './slots.js';
import { runTask, type Task, type TaskTools } from './task.js';

export interface SchedulerOptions extends TaskTools {
  history: History;
  schedule: ScheduleConfig;
  triggers: TriggersConfig;
  leaseSeconds: number;
  clock: Clock;
  log: Log;
  /** Aborted: nothing more is taken, and what runs is waited for. */
  signal: AbortSignal;
}

interface Line {
  name: LineName;
  cron: CronLine;
  known: () => Promise<number[]>;
  /** The newest due time that needs no further look, in milliseconds since 1970. */
  seen: number | null;
}

/**
 * Runs the lines of the schedule and takes up triggers, until the signal comes. Any number of these may share one history:
 * each due time and each trigger is one's alone. The tasks of one process run one after the other.
 */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const { schedule, signal } = options;
  const ending = new AbortController();
  const scheduler = new Scheduler(options, ending.signal);
  while (!signal.aborted) {
    await scheduler.look();
    await sleep(scheduler.pauseMilliseconds(), undefined, { signal }).catch(() => undefined);
  }
  const late = setTimeout(
    () => ending.abort(new Error('schedule.stop_seconds are over')),
    1000 * schedule.stop_seconds,
  );
  await scheduler.stop();
  clearTimeout(late);
}

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #claims: Claims;
  readonly #lines: Line[];
  /** Aborted: what runs is to end now. */
  readonly #end: AbortSignal;
  readonly #queue: Task[] = [];
  #running: { task: Task; ended: Promise<void> } | null = null;
  #presence: Presence | null = null;
  #away = false;

  constructor(options: SchedulerOptions, end: AbortSignal) {
    const { history, schedule, leaseSeconds, log } = options;
    this.#options = options;
    this.#end = end;
    this.#claims = claimsOf(history, leaseSeconds, log);
    this.#lines = LINE_NAMES.filter((name) => schedule[name] !== 'off').map((name) => ({
      name,
      cron: cronLine(schedule[name], schedule.time_zone),
      known: slotReader(history, name),
      seen: null,
    }));
  }

  /** Takes what is due or open. A history that is away is asked again at the next look. */
  async look(): Promise<void> {
    const { log, triggers } = this.#options;
    try {
      this.#presence ??= await showPresence(this.#options.history, this.#options.leaseSeconds);
      for (const line of this.#lines) {
        await this.#lookAt(line);
      }
      if (triggers.runner === 'scheduler' && !this.#has('triggers')) {
        this.#enqueue(await this.#claims.triggers());
      }
      if (this.#away) {
        this.#away = false;
        log.info({}, 'history is back');
      }
    } catch (error) {
      if (!this.#away) {
        log.error({ err: error }, 'nothing could be taken; it is tried again');
      }
      this.#away = true;
    }
  }

  async #lookAt(line: Line): Promise<void> {
    const { history, clock, log, schedule } = this.#options;
    const now = clock();
    if (line.cron.newest(now)?.getTime() === line.seen) {
      return;
    }
    const deadlineMilliseconds = 60_000 * schedule.deadline_minutes;
    const verdict = judge(line.cron, await line.known(), { now, deadlineMilliseconds });
    switch (verdict.does) {
      case 'nothing':
        break;
      case 'begin':
        await this.#note(
          line.name,
          'begin',
          [verdict.due],
          'the line is new: it is run from the next due time on',
        );
        break;
      case 'miss':
        await this.#note(line.name, 'missed', verdict.missed, 'no scheduler could run it in time');
        break;
      case 'run':
        if (this.#has(line.name)) {
          await this.#note(
            line.name,
            'skipped',
            [...verdict.missed, verdict.due],
            'its run before was still going on',
          );
        } else if (!(await this.#claim(line.name, verdict.due, verdict.missed))) {
          const key = `${line.name} ${verdict.due.toISOString()}`;
          const [entry] = await history.entries({ kind: 'slot', key });
          if (!entry?.settled) {
            // Somebody runs it; should that one die, it is ours after its lease.
            return;
          }
        }
    }
    line.seen = line.cron.newest(now)?.getTime() ?? null;
    const next = line.cron.next(now)?.toISOString();
    log.info({ line: line.name, next }, 'is due next');
  }

  async #note(
    line: LineName,
    outcome: 'begin' | 'missed' | 'skipped',
    dues: Date[],
    because: string,
  ): Promise<void> {
    const { history, log } = this.#options;
    const noted = await noteSlots(history, { line, outcome, dues, because });
    if (noted.length > 0) {
      const due = noted.map((time) => time.toISOString());
      log[outcome === 'begin' ? 'info' : 'error']({ line, due }, `${outcome}: ${because}`);
    }
  }

  async #claim(line: LineName, due: Date, missed: Date[]): Promise<boolean> {
    const task = await this.#claims.slot(line, due, missed);
    if (task !== null && missed.length > 0) {
      await this.#note(
        line,
        'missed',
        missed,
        'no scheduler could run it in time; the newest due time is made up for',
      );
    }
    this.#enqueue(task);
    return task !== null;
  }

  #has(name: string): boolean {
    return this.#running?.task.line === name || this.#queue.some(({ line }) => line === name);
  }

  #enqueue(task: Task | null): void {
    if (task !== null) {
      this.#queue.push(task);
      this.#next();
    }
  }

  #next(): void {
    const { signal, log } = this.#options;
    const task = this.#running === null && !signal.aborted ? this.#queue.shift() : undefined;
    if (task === undefined) {
      return;
    }
    const again = async () => {
      await task.giveBack();
      this.#lines
        .filter(({ name }) => name === task.line)
        .forEach((line) => {
          line.seen = null;
        });
    };
    const ended = runTask(task, this.#options, this.#end)
      .then((result) => (result === null ? again() : undefined))
      .catch(async (error) => {
        log.error(
          { err: error, line: task.line },
          `not on record, so that it is done again: ${messageOf(error)}`,
        );
        await again();
      })
      .finally(() => {
        this.#running = null;
        this.#next();
      });
    this.#running = { task, ended };
  }

  /** Until the next due time or the next look, whichever is earlier. */
  pauseMilliseconds(): number {
    const now = this.#options.clock();
    const dues = this.#lines.map(({ cron }) => cron.next(now)?.getTime() ?? Number.POSITIVE_INFINITY);
    const wait = Math.min(...dues, Number.POSITIVE_INFINITY) - now.getTime();
    return Math.max(10, Math.min(wait, 1000 * this.#options.schedule.poll_seconds));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#queue.splice(0).map((task) => task.giveBack()));
    await this.#running?.ended;
    await this.#presence?.leave();
  }
}
