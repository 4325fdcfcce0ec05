import { ChurnError, messageOf } from '../error.js';
import type { FileRecord, RunStatus } from '../history/history.js';
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
  at?: Day | null;
  parent?: string | null;
}

const EXIT_CODES = { ok: 0, attention: 2, insufficient: 3 } as const;

/** Runs a job with a record of it in history, whatever becomes of it. Errors are recorded and thrown on. */
export async function recorded<T>(
  project: Project,
  job: JobRequest,
  work: (run: string) => Promise<JobOutcome<T>>,
): Promise<T> {
  const { history } = project;
  const run = await history.startRun(job);
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
    return value;
  } catch (error) {
    const known = error instanceof ChurnError;
    await history
      .finishRun(run, {
        status: known && error.code === 'data.insufficient' ? 'insufficient' : 'failed',
        exit_code: known ? error.exitCode : 1,
        error: { code: known ? error.code : 'crash', message: messageOf(error) },
      })
      .catch(() => undefined);
    throw error;
  }
}
