import { cronLine } from '../config/cron.js';
import { LINE_NAMES, type LineName, type ScheduleConfig } from '../config/schedule.js';
import type { History, ProcessMark, Run } from '../history/history.js';
import { presentSchedulers } from './presence.js';

/** How the schedule stands, for people and programs. */
export interface ScheduleState {
  lines: LineState[];
  /** Schedulers that live now. */
  schedulers: { process: ProcessMark; since: string }[];
  /** Keys of the triggers that nobody has dealt with. */
  open_triggers: string[];
}

export interface LineState {
  line: LineName;
  cron: string;
  next: string | null;
  /** Newest due times on record, newest first. */
  last: {
    due: string;
    /** running: claimed, and not done yet. */
    outcome: 'ran' | 'running' | 'missed' | 'skipped' | 'begin';
    run: string | null;
    status: Run['status'] | null;
    exit_code: number | null;
    finished_at: string | null;
  }[];
}

const TRIGGERS_SHOWN = 100;

export async function scheduleState(
  history: History,
  schedule: ScheduleConfig,
  { now, limit }: { now: Date; limit: number },
): Promise<ScheduleState> {
  const lines: LineState[] = [];
  for (const line of LINE_NAMES) {
    const cron = schedule[line];
    const next = cron === 'off' ? null : cronLine(cron, schedule.time_zone).next(now);
    lines.push({ line, cron, next: next?.toISOString() ?? null, last: await lastOf(history, line, limit) });
  }
  const open = await history.take({ kind: 'trigger', limit: TRIGGERS_SHOWN }, { fence: null });
  const schedulers = await presentSchedulers(history);
  return {
    lines,
    schedulers: schedulers.map(({ process, acquired_at }) => ({ process, since: acquired_at })),
    open_triggers: open.map(({ key }) => key),
  };
}

async function lastOf(history: History, line: LineName, limit: number): Promise<LineState['last']> {
  const entries = await history.entries<{ due: string; outcome?: 'missed' | 'skipped' | 'begin' }>({
    kind: 'slot',
    subject: line,
  });
  const newest = entries.sort((a, b) => (a.body.due < b.body.due ? 1 : -1)).slice(0, limit);
  return Promise.all(
    newest.map(async ({ body, settled }) => {
      const run = settled && (await history.run(settled.run));
      return {
        due: body.due,
        outcome: body.outcome ?? (settled === null ? ('running' as const) : ('ran' as const)),
        run: settled?.run ?? null,
        status: run?.status ?? null,
        exit_code: run?.exit_code ?? null,
        finished_at: run?.finished_at ?? null,
      };
    }),
  );
}
