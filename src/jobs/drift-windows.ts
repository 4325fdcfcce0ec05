import { countedColumns, requireKinds } from '../data/count/columns.js';
import { countProfile, countProfiles } from '../data/count/count-profile.js';
import type { Key } from '../data/count/count-values.js';
import type { Engine } from '../data/engine/engine.js';
import { type Sql, sql } from '../data/engine/sql.js';
import { betweenDays, inPopulation } from '../data/population.js';
import { readTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { ColumnProfile, TableProfile } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import { addDays, daysBetween, type Window } from '../time.js';
import { type LoggedPredictions, type ServedRows, servedFeatures, servedReference } from './drift-log.js';

/** What a current window is compared with. */
export type Against = 'training' | 'previous' | Window;

/** Rows of a window: where they are read from, and what names their unit. */
export interface Rows {
  relation: Sql;
  unit: string | null;
  where: string;
  served?: ServedRows;
}

/** Profiles of the watched features that the champion brings: they fix the bins of every window. */
export async function championProfile(project: Project, champion: Manifest): Promise<TableProfile> {
  const learnt = await project.registry.profile(champion);
  const columns = project.config.drift.features.map((name) => profileOf(learnt, name, champion.version));
  return { ...learnt, columns };
}

/** Rows of the features of a window, of the population. */
export function featuresOf({ config, layout }: Project, engine: Engine, window: Window): Rows {
  const where = layout.userFeaturesDaily;
  const relation = sql`(SELECT * FROM ${readTable(engine, where)} WHERE ${betweenDays(sql`as_of_date`, window.from, window.to)} AND ${inPopulation(config)})`;
  return { relation, unit: 'user_id', where };
}

/** The reference and current profiles of a check, over the same bins. */
export async function windowProfiles(
  project: Project,
  champion: Manifest,
  windows: { against: Against; current: Window },
  log: LoggedPredictions | null,
): Promise<{ reference: TableProfile; current: TableProfile; served?: ServedRows }> {
  const { against, current } = windows;
  const learnt = await championProfile(project, champion);
  const engine = await project.engine();
  if (log !== null) {
    refuseLogAgainst(against);
    const columns = learnt.columns.map((profile) => servedReference(profile, champion));
    const reference = { ...learnt, columns };
    requireDisjoint(reference.window, current, 'the training days of the champion');
    const { relation, unit, rows } = await servedFeatures(project, champion, log, current);
    const source = { relation, unit, where: log.folder };
    return { reference, current: await profileRows(engine, source, reference, current), served: rows };
  }
  const window = referenceWindow(against, current, learnt.window);
  requireDisjoint(window, current, against === 'training' ? "the champion's training days" : 'the reference');
  const reference =
    against === 'training'
      ? learnt
      : await profileRows(engine, featuresOf(project, engine, window as Window), learnt, window);
  return {
    reference,
    current: await profileRows(engine, featuresOf(project, engine, current), learnt, current),
  };
}

function refuseLogAgainst(against: Against): void {
  if (against !== 'training') {
    throw new ChurnError('usage.invalid', {
      expected: '--log against the training days, the only ones with profiles as the log shows them',
      came: against === 'previous' ? 'previous' : `${against.from} to ${addDays(against.to, -1)}`,
    });
  }
}

function referenceWindow(against: Against, current: Window, learnt: Window | null): Window | null {
  if (against === 'training') {
    return learnt;
  }
  const days = daysBetween(current.from, current.to);
  return against === 'previous' ? { from: addDays(current.from, -days), to: current.from } : against;
}

/** Counts rows over the bins of a reference. */
export async function profileRows(
  engine: Engine,
  rows: Rows,
  reference: TableProfile,
  window: Window | null,
): Promise<TableProfile> {
  return countProfile(engine, await requestFor(engine, rows, reference, window));
}

/** The same for each value of `by`. */
export async function profileRowsBy(
  engine: Engine,
  rows: Rows,
  reference: TableProfile,
  by: Sql,
): Promise<Map<Key, TableProfile>> {
  return countProfiles(engine, { ...(await requestFor(engine, rows, reference, null)), by });
}

async function requestFor(engine: Engine, rows: Rows, reference: TableProfile, window: Window | null) {
  const { relation, unit, where } = rows;
  const names = reference.columns.map(({ name }) => name);
  const columns = await countedColumns(engine, relation, names, where);
  requireKinds(columns, reference.columns, where);
  const bins = new Map(reference.columns.map((profile) => [profile.name, profile.bins]));
  return { relation, columns, bins, unit, window };
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

/** A check of days that the reference holds would find nothing. */
export function requireDisjoint(reference: Window | null, current: Window, what: string): void {
  if (reference !== null && current.from < reference.to && reference.from < current.to) {
    throw new ChurnError('usage.invalid', {
      expected: `a current window after ${what} (${reference.from} to ${addDays(reference.to, -1)})`,
      came: `${current.from} to ${addDays(current.to, -1)}`,
      fix: 'choose a later --at',
    });
  }
}
