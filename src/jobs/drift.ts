import { countedColumns, requireKinds } from '../data/count/columns.js';
import { countProfile } from '../data/count/count-profile.js';
import { sql } from '../data/engine/sql.js';
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
import { driftAsDescribed } from './drift-as-described.js';
import { type JobRequest, recorded } from './record.js';
import { refreshData } from './run-steps.js';

export const DRIFT_FILE = 'data_drift_latest.json';

/** The report of a project's check: the pure report with what it was about. */
export interface ProjectDriftReport extends DriftReport {
  at: Day;
  version: string;
  windows: { reference: Window | null; current: Window };
}

export interface DriftOptions {
  at: Day | null;
  refresh: boolean;
  /** Default: drift.compat of the configuration. */
  compat?: 'none' | 'section-12' | null;
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
    const at = await asOfDay(project, options.at);
    job.at = at;
    const report =
      (options.compat ?? project.config.drift.compat) === 'section-12'
        ? await describedCheck(project, champion, at)
        : await profileCheck(project, champion, at);
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
      reads: [{ path: project.layout.userFeaturesDaily }],
      writes: [{ path }],
      result: { status: report.status, overall_max_psi: report.overall_max_psi },
      status:
        report.status === 'FAIL' ? 'attention' : report.status === 'INSUFFICIENT' ? 'insufficient' : 'ok',
    };
  });
}

async function profileCheck(project: Project, champion: Manifest, at: Day): Promise<ProjectDriftReport> {
  const { config, layout, registry } = project;
  const current: Window = { from: addDays(at, 1 - config.drift.current_days), to: addDays(at, 1) };
  const reference = await registry.profile(champion);
  requireDisjoint(reference, current);
  const profiles = config.drift.features.map((name) => profileOf(reference, name, champion.version));
  const engine = await project.engine();
  const table = readTable(engine, layout.userFeaturesDaily);
  const relation = sql`(SELECT * FROM ${table} WHERE ${betweenDays(sql`as_of_date`, current.from, current.to)} AND ${inPopulation(config)})`;
  const columns = await countedColumns(engine, relation, config.drift.features, layout.userFeaturesDaily);
  requireKinds(columns, profiles, layout.userFeaturesDaily);
  const bins = new Map(profiles.map((profile) => [profile.name, profile.bins]));
  const counted = await countProfile(engine, {
    relation,
    columns,
    bins,
    unit: 'user_id',
    window: current,
  });
  const report = tableDrift(reference, counted, {
    ...config.drift,
    columns: config.drift.features,
    seed: config.training.seed,
  });
  return { ...report, at, version: champion.version, windows: { reference: reference.window, current } };
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

/** drift.compat: section-12: the training set against all features, with the described system's bins. */
async function describedCheck(project: Project, champion: Manifest, at: Day): Promise<ProjectDriftReport> {
  const { config, layout } = project;
  const report = await driftAsDescribed(await project.engine(), {
    reference: layout.trainingDataset,
    current: layout.userFeaturesDaily,
    features: config.drift.features,
    warn: config.drift.warn,
    fail: config.drift.fail,
  });
  return {
    ...report,
    at,
    version: champion.version,
    windows: { reference: null, current: { from: at, to: addDays(at, 1) } },
  };
}
