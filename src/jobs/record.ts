import { ChurnError, messageOf } from '../error.js';
import type { FileRecord, History, RunStatus } from '../history/history.js';
import type { EndedJob } from '../notify/changes.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';

/** What a job did, for the run record; `value` goes to the caller. */
export interface JobOutcome<T> {
  value: T;
  reads?: FileRecord[];
  writes?: FileRecord[];
  result?: Record<string, unknown>;
  /** attention: drift, or a retrain is needed. */
  status?: Extract<RunStatus, 'ok' | 'attention' | 'insufficient'>;
}

export interface JobRequest {
  command: string;
  /** Filled in by the job once it knows the day. */
  at?: Day | null;
  /** The run that this job is a part of. */
  parent?: string | null;
}

const EXIT_CODES = { ok: 0, attention: 2, insufficient: 3 } as const;

/**
 * Runs a job with a record of it in history, whatever becomes of it. Errors are recorded and thrown on. Jobs of one
 * project run one at a time: they read tables in several queries, and others would replace these in between. A part
 * works under the lock of the job that it is a part of.
 */
export async function recorded<T>(
  project: Project,
  job: JobRequest,
  work: (run: string) => Promise<JobOutcome<T>>,
): Promise<T> {
  if (job.parent) {
    return withRecord(project, job, job.parent, work);
  }
  const { lock, history, signal, onWait, startedBy } = project;
  const held = await lock.acquire({ signal, onWait: () => void tellHolder(history, onWait) });
  let [run, failed]: [string | null, string | null] = [null, null];
  try {
    await project.tidy();
    return await withRecord(project, job, startedBy, (own) => {
      run = own;
      return work(own).catch((error) => {
        // Work that was stopped because the lock was lost says so, not that somebody asked it to stop.
        throw held.signal.aborted ? held.signal.reason : error;
      });
    });
  } catch (error) {
    failed = messageOf(error);
    throw error;
  } finally {
    await held.release();
    // Who was asked to stop tells nobody, and neither does a job that somebody else does now.
    if (run !== null && !signal.aborted && !held.signal.aborted) {
      await tell(project, { command: job.command, run, failed });
    }
  }
}

/** Within a span of its own: notices carry its traceparent. */
async function tell({ notifier, tracing, traceparent }: Project, job: EndedJob): Promise<void> {
  if (notifier !== null) {
    const attributes = { 'churn.run': job.run };
    const span = tracing?.begin({ name: 'notify', kind: 'client', parent: traceparent, attributes });
    await notifier.jobEnded(job, span?.traceparent);
    span?.end({}, null);
  }
}

async function withRecord<T>(
  project: Project,
  job: JobRequest,
  parent: string | null,
  work: (run: string) => Promise<JobOutcome<T>>,
): Promise<T> {
  const { history } = project;
  const run = await history.startRun({ ...job, parent });
  const endSpan = beginSpan(project, job, run);
  try {
    const { value, reads = [], writes = [], result = {}, status = 'ok' } = await work(run);
    await history.finishRun(run, {
      status,
      exit_code: EXIT_CODES[status],
      at: job.at ?? null,
      reads,
      writes,
      result,
    });
    endSpan(EXIT_CODES[status], null);
    return value;
  } catch (error) {
    const known = error instanceof ChurnError;
    await history
      .finishRun(
        run,
        {
          status: known && error.code === 'data.insufficient' ? 'insufficient' : 'failed',
          exit_code: known ? error.exitCode : 1,
          at: job.at ?? null,
          error: { code: known ? error.code : 'crash', message: messageOf(error) },
        },
        // Who lost the lock may still say that it failed.
        { fence: null },
      )
      .catch(() => undefined);
    endSpan(known ? error.exitCode : 1, known ? error.code : 'crash');
    throw error;
  }
}

/** A span of a run, under that of the run it is a part of. */
function beginSpan(
  { tracing, traceparent, spans }: Project,
  { command, parent }: JobRequest,
  run: string,
): (exitCode: number, failed: string | null) => void {
  const span = tracing?.begin({
    name: `job ${command}`,
    kind: 'internal',
    parent: (parent && spans.get(parent)?.traceparent) || traceparent,
    attributes: { 'churn.run': run, 'churn.command': command },
  });
  if (span === undefined) {
    return () => undefined;
  }
  spans.set(run, span);
  return (exitCode, failed) => {
    spans.delete(run);
    span.end({ 'churn.exit_code': exitCode }, failed);
  };
}

/** How many of the newest runs are looked through for the one that works now. */
const RUNS_READ = 50;

async function tellHolder(history: History, onWait: (message: string) => void): Promise<void> {
  const runs = await history.runs({ limit: RUNS_READ }).catch(() => []);
  const working = runs.filter((run) => run.status === 'running' && run.alive !== false);
  const schedules = new Set(working.filter(({ command }) => command === 'schedule').map(({ id }) => id));
  const holder = working.find(
    ({ id, parent }) => !schedules.has(id) && (parent === null || schedules.has(parent)),
  );
  const name = holder
    ? `\`${holder.command}\` (process ${holder.process.id} on ${holder.process.host}, since ${holder.started_at})`
    : 'another job';
  onWait(`waiting for ${name} to finish ...`);
}
