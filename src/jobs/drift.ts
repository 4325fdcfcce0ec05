import type { Config } from '../config/schema.js';
import { countedColumns, requireKinds } from '../data/count/columns.js';
import { countProfile } from '../data/count/count-profile.js';
import type { Engine } from '../data/engine/engine.js';
import { type Sql, sql } from '../data/engine/sql.js';
import { betweenDays, inPopulation } from '../data/population.js';
import { readTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { writeJson } from '../files.js';
import type { Manifest } from '../model/registry/manifest.js';
import { tableDrift } from '../monitor/drift/judge.js';
import type { DriftReport } from '../monitor/drift/report.js';
import type { ColumnProfile, TableProfile } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import { addDays, type Day, type Window } from '../time.js';
import { asOfDay, requireFresh } from './as-of.js';
import { requireChampion } from './champion.js';
import { driftByCompat } from './drift-compat.js';
import { type LoggedPredictions, type ServedRows, servedFeatures, servedReference } from './drift-log.js';
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
}

export interface DriftOptions {
  at: Day | null;
  refresh: boolean;
  /** Judges all features it applies to, instead of drift.statistic and drift.by_feature. */
  statistic?: string | null;
  /** Default: drift.compat of the configuration. */
  compat?: Config['drift']['compat'] | null;
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
    const statistic = options.statistic ?? null;
    const report =
      compat === 'none'
        ? await profileCheck(project, champion, at, log, statistic)
        : await compatCheck(project, champion, at, compat, statistic);
    const path = project.layout.metrics(DRIFT_FILE);
    await writeJson(path, report);
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

async function profileCheck(
  project: Project,
  champion: Manifest,
  at: Day,
  log: LoggedPredictions | null,
  statistic: string | null,
): Promise<ProjectDriftReport> {
  const { config, registry } = project;
  const current: Window = { from: addDays(at, 1 - config.drift.current_days), to: addDays(at, 1) };
  const learnt = await registry.profile(champion);
  requireDisjoint(learnt, current);
  const profiles = config.drift.features.map((name) => {
    const profile = profileOf(learnt, name, champion.version);
    return log === null ? profile : servedReference(profile, champion);
  });
  const reference = { ...learnt, columns: profiles };
  const { relation, unit, where, served } =
    log === null
      ? featuresOf(project, await project.engine(), current)
      : await loggedFeatures(project, champion, log, current);
  const engine = await project.engine();
  const columns = await countedColumns(engine, relation, config.drift.features, where);
  requireKinds(columns, profiles, where);
  const bins = new Map(profiles.map((profile) => [profile.name, profile.bins]));
  const counted = await countProfile(engine, { relation, columns, bins, unit, window: current });
  const report = tableDrift(reference, counted, {
    ...config.drift,
    ...(statistic !== null && { statistic, by_feature: {} }),
    columns: config.drift.features,
    seed: config.training.seed,
  });
  return {
    ...report,
    at,
    version: champion.version,
    windows: { reference: reference.window, current },
    source: log === null ? 'features' : 'prediction_log',
    ...(served && { served }),
  };
}

interface Current {
  relation: Sql;
  unit: string | null;
  where: string;
  served?: ServedRows;
}

function featuresOf({ config, layout }: Project, engine: Engine, current: Window): Current {
  const where = layout.userFeaturesDaily;
  const relation = sql`(SELECT * FROM ${readTable(engine, where)} WHERE ${betweenDays(sql`as_of_date`, current.from, current.to)} AND ${inPopulation(config)})`;
  return { relation, unit: 'user_id', where };
}

async function loggedFeatures(
  project: Project,
  champion: Manifest,
  log: LoggedPredictions,
  current: Window,
): Promise<Current> {
  const { relation, unit, rows } = await servedFeatures(project, champion, log, current);
  return { relation, unit, where: log.folder, served: rows };
}

function profileOf(reference: TableProfile, name: string, version: string): ColumnProfile {
  const profile = reference.columns.find((column) => column.name === name);
  if (profile === undefined) {
    throw new ChurnError('model.mismatch', {
      expected: `"${name}" (drift.features) in the reference profile of ${version}`,
      came: `profiles of ${reference.columns.map((column) => column.name).join(', ')}`,
      fix: 'train a version with this configuration, or take the feature out of drift.features',
    });
  }
  return profile;
}

/** A check of days that the champion learnt from would find nothing. */
function requireDisjoint(reference: TableProfile, current: Window): void {
  if (reference.window !== null && current.from < reference.window.to) {
    throw new ChurnError('usage.invalid', {
      expected: `a current window after the champion's training days (${reference.window.from} to ${addDays(reference.window.to, -1)})`,
      came: `${current.from} to ${addDays(current.to, -1)}`,
      fix: 'choose a later --at',
    });
  }
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
  statistic: string | null,
): Promise<ProjectDriftReport> {
  const { config, layout, registry } = project;
  const engine = await project.engine();
  const learnt = (await registry.profile(champion)).window;
  const days: Window = { from: addDays(at, 1 - config.drift.current_days), to: addDays(at, 1) };
  const all = (path: string) => ({ relation: readTable(engine, path), where: path });
  const described = system === 'section-12' || learnt === null;
  const report = await driftByCompat(engine, {
    system,
    statistic,
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
