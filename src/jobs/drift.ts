import type { Config } from '../config/schema.js';
import { readTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { writeJson } from '../files.js';
import type { DomainDrift } from '../model/domain.js';
import type { Manifest } from '../model/registry/manifest.js';
import { type TableDriftOptions, tableDrift } from '../monitor/drift/judge.js';
import type { DriftReport, FeatureDrift } from '../monitor/drift/report.js';
import type { SegmentsReport } from '../monitor/drift/segments.js';
import type { Project } from '../open.js';
import { addDays, type Day, type Window } from '../time.js';
import { asOfDay, requireFresh } from './as-of.js';
import { requireChampion } from './champion.js';
import { keepDailyProfiles } from './daily-profiles.js';
import { driftByCompat } from './drift-compat.js';
import { type LevelsUsed, usedLevels } from './drift-levels.js';
import type { LoggedPredictions, ServedRows } from './drift-log.js';
import { rowsDrift } from './drift-rows.js';
import { type Against, featuresOf, windowProfiles } from './drift-windows.js';
import { type JobRequest, recorded } from './record.js';
import { refreshData } from './run-steps.js';

export const DRIFT_FILE = 'data_drift_latest.json';

/** The report of a project's check: the pure report with what it was about. */
export interface ProjectDriftReport extends DriftReport {
  at: Day;
  version: string;
  windows: { reference: Window | null; current: Window };
  /** What was compared with the reference. */
  source: 'features' | 'prediction_log';
  /** Of the prediction log. */
  served?: ServedRows;
  /** Where levels were learnt or raised to keep a budget of false alarms. */
  levels?: LevelsUsed;
  /** Where segments were asked for. */
  segments?: SegmentsReport;
  /** Where the champion's scores were asked for. It does not change the status. */
  scores?: FeatureDrift;
  /** Where a classifier was asked for: how well it tells the windows apart. It does not change the status. */
  multivariate?: DomainDrift;
}

export interface DriftOptions {
  at: Day | null;
  refresh: boolean;
  /** Judges all features it applies to, instead of drift.statistic and drift.by_feature. */
  statistic?: string | null;
  /** Default: drift.compat of the configuration. */
  compat?: Config['drift']['compat'] | null;
  /** Default: drift.against. */
  against?: Against | null;
  /** Current days; default: the last drift.current_days. */
  window?: Window | null;
  /** Default: drift.segments. */
  segments?: readonly string[] | null;
  /** Default: drift.scores. */
  scores?: boolean | null;
  /** Default: drift.multivariate. */
  multivariate?: boolean | null;
  /** Compares what was served, instead of the features of all users. */
  log?: LoggedPredictions | null;
  parent?: string | null;
}

/** Compares the newest days with the champion's reference profile, writes the report and keeps it in history. */
export async function checkDrift(project: Project, options: DriftOptions): Promise<ProjectDriftReport> {
  const job: JobRequest = { command: 'drift', at: options.at, parent: options.parent };
  return recorded(project, job, async (run) => {
    if (options.refresh) {
      await refreshData(project, { at: options.at, parent: run });
    } else if (options.at === null) {
      await requireFresh(project);
    }
    const champion = await requireChampion(project);
    const log = options.log ?? null;
    // The log does not need features of the day.
    const at = log !== null && options.at !== null ? options.at : await asOfDay(project, options.at);
    job.at = at;
    const compat = options.compat ?? project.config.drift.compat;
    if (compat !== 'none' && log !== null) {
      throw new ChurnError('usage.invalid', {
        expected: `--log without --compat ${compat} (or drift.compat), which knows tables only`,
        came: 'both',
      });
    }
    const report =
      compat === 'none'
        ? await profileCheck(project, champion, at, options)
        : await compatCheck(project, champion, at, compat, options);
    const path = project.layout.metrics(DRIFT_FILE);
    await writeJson(path, report);
    if (compat === 'none' && log === null) {
      await keepDailyProfiles(project, champion, report.windows.current);
    }
    await project.history.addReport({
      run,
      kind: 'drift',
      at,
      version: champion.version,
      status: report.status,
      body: report,
    });
    return {
      value: report,
      reads: [{ path: log?.folder ?? project.layout.userFeaturesDaily }],
      writes: [{ path }],
      result: { status: report.status, overall_max_psi: report.overall_max_psi },
      status:
        report.status === 'FAIL' ? 'attention' : report.status === 'INSUFFICIENT' ? 'insufficient' : 'ok',
    };
  });
}

/** How the configuration has features judged, with the champion's importance of each. */
export function driftOptions(
  { config }: Project,
  champion: Manifest,
  statistic: string | null,
): TableDriftOptions {
  return {
    ...config.drift,
    ...(statistic !== null && { statistic, by_feature: {} }),
    columns: config.drift.features,
    seed: config.training.seed,
    importance: Object.fromEntries(
      champion.importance.map(({ feature, mean_contribution }) => [feature, mean_contribution]),
    ),
  };
}

function currentWindow({ config }: Project, at: Day, options: DriftOptions): Window {
  return options.window ?? { from: addDays(at, 1 - config.drift.current_days), to: addDays(at, 1) };
}

async function profileCheck(
  project: Project,
  champion: Manifest,
  at: Day,
  options: DriftOptions,
): Promise<ProjectDriftReport> {
  const { config } = project;
  const log = options.log ?? null;
  const windows = {
    against: options.against ?? configuredAgainst(config),
    current: currentWindow(project, at, options),
  };
  const { reference, current, served } = await windowProfiles(project, champion, windows, log);
  const given = driftOptions(project, champion, options.statistic ?? null);
  const levels = await usedLevels(project, champion, at, given);
  const judged = { ...given, ...(levels !== null && { by_feature: levels.by_feature }) };
  const report = tableDrift(reference, current, judged);
  return {
    ...report,
    at,
    version: champion.version,
    windows: { reference: reference.window, current: windows.current },
    source: log === null ? 'features' : 'prediction_log',
    ...(served && { served }),
    ...(levels !== null && { levels: levels.used }),
    ...(await rowsDrift(
      project,
      champion,
      { ...windows, reference: reference.window },
      report,
      judged,
      options,
    )),
  };
}

/** The last day of a window is named in the configuration; ours are half-open. */
function configuredAgainst({ drift }: Config): Against {
  const { against } = drift;
  return typeof against === 'string' ? against : { from: against.from, to: addDays(against.to, 1) };
}

/**
 * Another system's numbers over the rows that a check of ours compares; section-12 compares the training set with all
 * features of all days, as it is described.
 */
async function compatCheck(
  project: Project,
  champion: Manifest,
  at: Day,
  system: string,
  options: DriftOptions,
): Promise<ProjectDriftReport> {
  const { config, layout, registry } = project;
  const engine = await project.engine();
  const learnt = (await registry.profile(champion)).window;
  const days = currentWindow(project, at, options);
  const all = (path: string) => ({ relation: readTable(engine, path), where: path });
  const described = system === 'section-12' || learnt === null;
  const report = await driftByCompat(engine, {
    system,
    statistic: options.statistic ?? null,
    reference: described ? all(layout.trainingDataset) : featuresOf(project, engine, learnt),
    current: described ? all(layout.userFeaturesDaily) : featuresOf(project, engine, days),
    features: config.drift.features,
    warn: config.drift.warn,
    fail: config.drift.fail,
  });
  return {
    ...report,
    at,
    version: champion.version,
    windows: described
      ? { reference: null, current: { from: at, to: addDays(at, 1) } }
      : { reference: learnt, current: days },
    source: 'features',
  };
}
