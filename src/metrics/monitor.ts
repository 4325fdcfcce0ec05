import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import type { History, Report, Run } from '../history/history.js';
import type { DriftReport } from '../monitor/drift/report.js';
import type { EvaluationReport } from '../monitor/performance/report.js';
import type { Clock } from '../time.js';
import { driftGauges, oneOf } from './drift-series.js';
import { performanceGauges } from './performance.js';
import { readGauge, type Sample, type SeriesFacts, single } from './series.js';

/** The jobs whose silence is to be noticed. */
export const WATCHED_JOBS = ['run', 'score', 'drift', 'evaluate', 'retrain'] as const;

const STATUSES = ['ok', 'attention', 'insufficient', 'failed'] as const;
const VERDICTS = ['promoted', 'held', 'rejected', 'none'] as const;
const DECISIONS = ['wait', 'retrain'] as const;

/** Runs of a job that are looked through for one that went well. */
const RUNS_READ = 50;

/** Prometheus asks every few seconds, every group several times: history is read once in this time. */
const CACHE_MILLISECONDS = 10_000;

/** A scrape waits so long for history at the most, and shows what was read before then. */
const LONGEST_READ_MILLISECONDS = 1000;

/** What is read of history. */
export type JobResults = Pick<History, 'reports' | 'runs'>;

interface Judged<T> {
  report: T;
  /** Of the model that it is about. */
  version: string | null;
}

interface Seen {
  drift: Judged<DriftReport> | null;
  evaluation: Judged<EvaluationReport> | null;
  decision: string | null;
  retrain: Run | null;
  /** By job, newest first. */
  runs: Record<string, Run[]>;
}

/**
 * The newest results of the batch jobs, read from history when Prometheus asks: no push gateway is needed. A job has
 * succeeded when it did its work: also when it found drift or too few rows, which other series tell.
 */
export function monitorMetrics(registry: Registry, history: JobResults, clock: Clock): void {
  const { seen, readable } = cachedReader(history, clock);
  driftGauges(
    registry,
    { prefix: 'churn_drift', what: 'the newest drift check', aggregator: 'first' },
    async () => (await seen())?.drift?.report ?? null,
  );
  versionGauge(
    registry,
    { name: 'churn_drift_info', help: 'Always 1; version: the model that the newest drift check is about' },
    async () => (await seen())?.drift ?? null,
  );
  performanceGauges(registry, async () => (await seen())?.evaluation?.report ?? null);
  versionGauge(
    registry,
    { name: 'churn_performance_info', help: 'Always 1; version: the model whose predictions were judged' },
    async () => (await seen())?.evaluation ?? null,
  );
  retrainGauges(registry, seen);
  jobGauges(registry, async () => (await seen())?.runs ?? {});
  readGauge(
    registry,
    {
      name: 'churn_monitor_history_readable',
      help: 'Whether history could be read; if not, the series above are old',
      aggregator: 'min',
    },
    async () => {
      await seen();
      return single(readable() ? 1 : 0);
    },
  );
}

function cachedReader(history: JobResults, clock: Clock) {
  let at = Number.NEGATIVE_INFINITY;
  let readable = true;
  let newest: Seen | null = null;
  let reading: Promise<void> | null = null;
  const refresh = async (): Promise<void> => {
    try {
      newest = await readHistory(history);
      readable = true;
    } catch {
      readable = false;
    }
    reading = null;
  };
  return {
    seen: async (): Promise<Seen | null> => {
      const now = clock().getTime();
      if (reading === null && now - at >= CACHE_MILLISECONDS) {
        at = now;
        reading = refresh();
      }
      if (reading !== null) {
        const late = sleep(LONGEST_READ_MILLISECONDS, 'late' as const, { ref: false });
        if ((await Promise.race([reading, late])) === 'late') {
          readable = false;
        }
      }
      return newest;
    },
    readable: () => readable,
  };
}

async function readHistory(history: JobResults): Promise<Seen> {
  const newest = async <T>(kind: 'drift' | 'evaluation' | 'decision') =>
    (await history.reports<T>({ kind, limit: 1 }))[0] ?? null;
  const runs: Record<string, Run[]> = {};
  for (const command of WATCHED_JOBS) {
    runs[command] = await history.runs({ command, limit: RUNS_READ });
  }
  return {
    drift: judged(await newest<DriftReport>('drift')),
    evaluation: judged(await newest<EvaluationReport>('evaluation')),
    decision: (await newest('decision'))?.status ?? null,
    retrain: runs.retrain.find((run) => run.status !== 'running') ?? null,
    runs,
  };
}

function judged<T>(record: Report<T> | null): Judged<T> | null {
  return record && { report: record.body, version: record.version };
}

/** Tells old findings from those on the version that answers (churn_model_info): after a promotion they are not about it. */
function versionGauge(
  registry: Registry,
  facts: SeriesFacts,
  read: () => Promise<Judged<unknown> | null>,
): void {
  readGauge(registry, { ...facts, labels: ['version'], aggregator: 'first' }, async () => {
    const version = (await read())?.version ?? null;
    return version === null ? [] : [{ labels: { version }, value: 1 }];
  });
}

function retrainGauges(registry: Registry, seen: () => Promise<Seen | null>): void {
  const facts = { labels: ['status'], aggregator: 'first' as const };
  readGauge(
    registry,
    { name: 'churn_retrain_decision', help: '1 for what the policy decided last, 0 for the other', ...facts },
    async () => oneOf(DECISIONS, (await seen())?.decision ?? null),
  );
  readGauge(
    registry,
    { name: 'churn_retrain_verdict', help: '1 for how the last retrain ended, 0 for the others', ...facts },
    async () => oneOf(VERDICTS, verdictOf((await seen())?.retrain ?? null)),
  );
}

function verdictOf(run: Run | null): string | null {
  const verdict = run?.result.verdict;
  return typeof verdict === 'string' ? verdict : null;
}

function jobGauges(registry: Registry, read: () => Promise<Record<string, Run[]>>): void {
  const times = async (wanted: (run: Run) => boolean): Promise<Sample[]> => {
    const runs = await read();
    return WATCHED_JOBS.map((job) => ({
      labels: { job_name: job },
      value: finishedSeconds(runs[job]?.find(wanted)),
    }));
  };
  readGauge(
    registry,
    {
      name: 'churn_monitor_last_success_timestamp_seconds',
      help: 'When a job last did its work to the end; 0: never',
      labels: ['job_name'],
      aggregator: 'first',
    },
    () => times((run) => run.status !== 'failed' && run.finished_at !== null),
  );
  readGauge(
    registry,
    {
      name: 'churn_monitor_last_completion_timestamp_seconds',
      help: 'When a job last ended, well or not; 0: never',
      labels: ['job_name'],
      aggregator: 'first',
    },
    () => times((run) => run.finished_at !== null),
  );
  readGauge(
    registry,
    {
      name: 'churn_monitor_last_status',
      help: '1 for how the last run of a job ended, 0 for the other ways',
      labels: ['job_name', 'status'],
      aggregator: 'first',
    },
    async () => {
      const runs = await read();
      return WATCHED_JOBS.flatMap((job) => {
        const last = runs[job]?.find((run) => run.finished_at !== null);
        return oneOf(STATUSES, last?.status ?? null).map(({ labels, value }) => ({
          labels: { job_name: job, ...labels },
          value,
        }));
      });
    },
  );
}

function finishedSeconds(run: Run | undefined): number {
  return run?.finished_at ? Date.parse(run.finished_at) / 1000 : 0;
}
