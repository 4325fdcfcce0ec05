import type { Engine } from '../data/engine/engine.js';
import { sql } from '../data/engine/sql.js';
import { openTable } from '../data/open-table.js';
import { readTable, requireColumns, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { writeJson } from '../files.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { EvaluationOptions } from '../monitor/performance/evaluate.js';
import {
  type HeldOutRecord,
  overTime,
  type PeriodKind,
  type PeriodSlice,
} from '../monitor/performance/over-time.js';
import { type Segment, segmentsOf } from '../monitor/performance/segments.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';
import { asOfDay, newestMatureDay } from './as-of.js';
import type { LoggedPredictions } from './drift-log.js';
import { maturedOutcomes } from './evaluate-outcomes.js';
import { loggedPredictions, predictionDays, predictionsFile } from './evaluate-sources.js';
import { type EvaluateTablesRequest, joinTables } from './evaluate-tables.js';
import { evaluationOptions, noOutcomes, type ScoredOutcomes, sampleOf } from './evaluation-report.js';
import { type JobRequest, recorded } from './record.js';

export const SLICES_FILE = 'performance_slices_latest.json';

/** Asks for the columns that look like segments. */
export const AUTOMATIC = 'auto';

export interface SliceOptions {
  by: PeriodKind | null;
  /** Columns, or AUTOMATIC. */
  segments: readonly string[];
}

/** `performance_slices_latest.json`: matured predictions over time and by segment. */
export interface SlicesReport {
  by: PeriodKind | null;
  rows: number;
  counts: ScoredOutcomes['counts'];
  /** The version that the periods are held against, on its held-out rows; null with the reason beside it. */
  record: (HeldOutRecord & { version: string }) | null;
  no_record_because: string | null;
  periods: PeriodSlice[];
  segments: Segment[];
}

/** Judges every matured day of predictions, cut by period and segment. Writes the report; no rule acts on it. */
export async function evaluateSlices(
  project: Project,
  options: SliceOptions & { at: Day | null; log?: LoggedPredictions | null },
): Promise<SlicesReport> {
  const job: JobRequest = { command: 'evaluate', at: options.at };
  return recorded(project, job, async () => {
    const { config, layout } = project;
    await requireTable(layout.labelsDaily, 'run');
    const at = await asOfDay(project, options.at);
    job.at = at;
    const champion = await project.registry.champion();
    const segments = await segmentColumns(project, options.segments, champion);
    const { outcomes, versions } = await everyDay(project, at, segments, options.log ?? null);
    const against = recordOf(project, champion, versions);
    const report = slicesReport(outcomes, options.by, against, evaluationOptions(config));
    const target = layout.metrics(SLICES_FILE);
    await writeJson(target, report);
    return {
      value: report,
      reads: [{ path: options.log?.folder ?? layout.predictionsFolder, rows: report.rows }],
      writes: [{ path: target }],
      result: {
        periods: report.periods.length,
        segments: report.segments.length,
        weak: report.segments.filter((segment) => segment.weak).length,
      },
      status: report.rows === 0 ? 'insufficient' : 'ok',
    };
  });
}

/** The same for two tables; there is no record to hold them against. */
export async function evaluateTableSlices(
  engine: Engine,
  request: EvaluateTablesRequest,
  { by, segments }: SliceOptions,
): Promise<SlicesReport> {
  if (by !== null && request.predicted === undefined) {
    throw new ChurnError('usage.invalid', {
      expected: '--by with --predicted, the time of the prediction',
      came: 'no such column',
    });
  }
  const columns = segments.includes(AUTOMATIC) ? await textColumns(engine, request) : segments;
  const { outcomes } = await joinTables(engine, { ...request, segments: columns });
  const none = { record: null, no_record_because: 'two tables have no held-out record' };
  return slicesReport(outcomes, by, none, request.options);
}

function slicesReport(
  outcomes: ScoredOutcomes,
  by: PeriodKind | null,
  against: Pick<SlicesReport, 'record' | 'no_record_because'>,
  options: EvaluationOptions,
): SlicesReport {
  const sample = sampleOf(outcomes);
  return {
    by,
    rows: sample.labels.length,
    counts: outcomes.counts,
    ...against,
    periods:
      by === null ? [] : overTime(sample, outcomes.days, { kind: by, record: against.record }, options),
    segments: segmentsOf(sample, outcomes.segments, options),
  };
}

/** The matured outcomes of all days, one after another. */
async function everyDay(
  project: Project,
  at: Day,
  segments: readonly string[],
  log: LoggedPredictions | null,
): Promise<{ outcomes: ScoredOutcomes; versions: ReadonlySet<string | null> }> {
  const newestMature = newestMatureDay(project, at);
  const days = (await (log ? log.days() : predictionDays(project))).filter((day) => day <= newestMature);
  const all = noOutcomes(segments);
  const versions = new Set<string | null>();
  for (const day of days) {
    const predictions = log
      ? await loggedPredictions(project, log, day, newestMature, at)
      : await predictionsFile(project, day, newestMature, at);
    const found = await maturedOutcomes(project, predictions, at, segments);
    versions.add(found.version);
    append(all, found);
  }
  return { outcomes: all, versions };
}

function append(all: ScoredOutcomes, found: ScoredOutcomes): void {
  const more = <T>(target: T[], source: readonly T[]) => {
    for (const value of source) {
      target.push(value);
    }
  };
  for (const name of ['scores', 'labels', 'treated', 'heldOut', 'days'] as const) {
    more(all[name], found[name]);
  }
  more(all.units, found.units);
  for (const [name, values] of Object.entries(found.segments)) {
    more(all.segments[name], values);
  }
  for (const name of Object.keys(all.counts) as (keyof ScoredOutcomes['counts'])[]) {
    all.counts[name] += found.counts[name];
  }
}

/** The champion's record, if its rows were drawn from the population that is judged now and it alone predicted. */
function recordOf(
  { config }: Project,
  champion: Manifest | null,
  versions: ReadonlySet<string | null>,
): Pick<SlicesReport, 'record' | 'no_record_because'> {
  const without = (no_record_because: string) => ({ record: null, no_record_because });
  if (champion === null) {
    return without('there is no champion');
  }
  if (versions.size !== 1 || !versions.has(champion.version)) {
    return without(`not all predictions are of the champion ${champion.version}`);
  }
  if (JSON.stringify(champion.data.population) !== JSON.stringify(config.population)) {
    return without('the champion was measured on another population');
  }
  const { version, measures, positive_rate } = champion;
  const { pr_auc, roc_auc, log_loss, brier } = measures;
  return {
    record: { version, measures: { pr_auc, roc_auc, log_loss, brier }, positive_rate },
    no_record_because: null,
  };
}

/** The columns asked for; automatically those of categories that the champion knows. */
async function segmentColumns(
  project: Project,
  asked: readonly string[],
  champion: Manifest | null,
): Promise<readonly string[]> {
  const engine = await project.engine();
  const features = project.layout.userFeaturesDaily;
  await requireTable(features, 'run');
  const there = await engine.describe(sql`SELECT * FROM ${readTable(engine, features)}`);
  if (asked.includes(AUTOMATIC)) {
    const categories = champion?.features.filter(({ type }) => type === 'category') ?? [];
    return categories.map(({ name }) => name).filter((name) => there.some((column) => column.name === name));
  }
  requireColumns(there, asked, features);
  return asked;
}

/** Text and yes-or-no columns of the predictions that are no keys. */
async function textColumns(engine: Engine, request: EvaluateTablesRequest): Promise<string[]> {
  const columns = await engine.describe(sql`SELECT * FROM ${await openTable(engine, request.predictions)}`);
  const keys = [request.id, request.unit, request.score, request.predicted];
  return columns
    .filter(({ name, type }) => /^(VARCHAR|STRING|BOOLEAN)$/i.test(type) && !keys.includes(name))
    .map(({ name }) => name);
}
