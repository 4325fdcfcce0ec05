import { compareEstimate, type EstimateOutcome } from '../monitor/performance/estimate-record.js';
import type { DetailedEvaluationReport } from '../monitor/performance/report.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';
import type { EstimateReport } from './estimate.js';

/** Reports that are looked back on. */
const REPORTS_READ = 200;

/** Of every prediction day with both: the newest estimate of a version beside its newest evaluation, newest day first. */
export async function knownOutcomes(
  project: Project,
  version: string,
  until: Day,
): Promise<Record<string, EstimateOutcome>[]> {
  const read = async <T>(kind: 'estimate' | 'evaluation') =>
    (await project.history.reports<T>({ kind, version, until, limit: REPORTS_READ })).map(({ body }) => body);
  const estimates = newestByDay(await read<EstimateReport>('estimate'));
  const evaluations = newestByDay(
    // Reports of before version 0.1 hold no flagged rows.
    (await read<DetailedEvaluationReport>('evaluation')).filter(
      (report) => report.state === 'ok' && report.flagged,
    ),
  );
  return [...estimates].flatMap(([date, estimate]) => {
    const evaluation = evaluations.get(date);
    return evaluation ? [compareEstimate(estimate, evaluation)] : [];
  });
}

/** What was estimated of a day's predictions before they matured; null when nothing was. */
export async function estimateOf(
  project: Project,
  { version, prediction_date }: DetailedEvaluationReport,
  until: Day,
): Promise<EstimateReport | null> {
  if (version === null || prediction_date === null) {
    return null;
  }
  const reports = await project.history.reports<EstimateReport>({
    kind: 'estimate',
    version,
    until,
    limit: REPORTS_READ,
  });
  return reports.find(({ body }) => body.prediction_date === prediction_date)?.body ?? null;
}

function newestByDay<T extends { prediction_date: Day | null }>(newestFirst: readonly T[]): Map<Day, T> {
  const byDay = new Map<Day, T>();
  for (const report of newestFirst) {
    if (report.prediction_date !== null && !byDay.has(report.prediction_date)) {
      byDay.set(report.prediction_date, report);
    }
  }
  return byDay;
}
