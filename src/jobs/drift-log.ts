import type { Engine } from '../data/engine/engine.js';
import { identifier, join, type Sql, sql } from '../data/engine/sql.js';
import { ChurnError } from '../error.js';
import type { Manifest } from '../model/registry/manifest.js';
import { asEncoded } from '../monitor/profile/encoded.js';
import { asFloat32 } from '../monitor/profile/float32.js';
import type { ColumnProfile } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import { addDays, type Day, type Window } from '../time.js';

/** What the server logged, as jobs read it. */
export interface LoggedPredictions {
  folder: string;
  /** Days (UTC, of the prediction) that are there, in order. */
  days(): Promise<Day[]>;
  /**
   * The predictions of a window with time, request_id, user_id (text), model_version, churn_risk and the features; null when
   * there are none. Asked for under the project's lock.
   */
  relation(engine: Engine, window: Window): Promise<Sql | null>;
  /** Name of the column of a feature. */
  column(feature: string): string;
}

/** Rows of the log in the window, and those that were left out. */
export interface ServedRows {
  logged: number;
  /** Served by versions that read a watched feature otherwise than the champion, or that are not in the registry. */
  other_encoding: number;
}

export interface ServedFeatures {
  /** The watched features, and the unit. */
  relation: Sql;
  unit: string | null;
  rows: ServedRows;
}

const UNIT = 'served_unit';

/**
 * The watched features as they were served in a window, whether of the population or not. A row without a user id is
 * a unit of its own; without any user id rows are independent.
 * @throws data.empty when nothing was logged, data.insufficient when nothing of it compares
 */
export async function servedFeatures(
  project: Project,
  champion: Manifest,
  log: LoggedPredictions,
  window: Window,
): Promise<ServedFeatures> {
  const engine = await project.engine();
  const logged = await log.relation(engine, window);
  if (logged === null) {
    throw await nothingLogged(log, window);
  }
  const watched = project.config.drift.features;
  const versions = await engine.rows<{ version: string; rows: number; users: number }>(
    sql`SELECT model_version AS version, count(*) AS rows, count(user_id) AS users FROM ${logged} AS logged GROUP BY model_version ORDER BY model_version`,
  );
  const alike: typeof versions = [];
  for (const found of versions) {
    if (await readsAlike(project, champion, found.version, watched)) {
      alike.push(found);
    }
  }
  const sum = (list: typeof versions, field: 'rows' | 'users') =>
    list.reduce((total, found) => total + found[field], 0);
  if (alike.length === 0) {
    throw new ChurnError('data.insufficient', {
      expected: `predictions by versions that read ${watched.join(', ')} as ${champion.version} does`,
      came: `only ones by ${versions.map(({ version }) => version).join(', ')}`,
      fix: 'wait until the champion has served',
    });
  }
  const rows = sum(versions, 'rows');
  return {
    relation: watchedColumns(logged, log, watched, alike),
    unit: sum(alike, 'users') === 0 ? null : UNIT,
    rows: { logged: rows, other_encoding: rows - sum(alike, 'rows') },
  };
}

function watchedColumns(
  logged: Sql,
  log: LoggedPredictions,
  watched: readonly string[],
  versions: readonly { version: string }[],
): Sql {
  const features = watched.map((name) => sql`${identifier(log.column(name))} AS ${identifier(name)}`);
  const unit = sql`coalesce(user_id, 'row ' || row_number() OVER (ORDER BY time, request_id, churn_risk)) AS ${identifier(UNIT)}`;
  const names = join(versions.map(({ version }) => sql`${version}`));
  return sql`(SELECT ${join([unit, ...features])} FROM ${logged} AS logged WHERE model_version IN (${names}))`;
}

/** Whether a version's rows say of the watched features what the champion's would: a category it does not know is lost. */
async function readsAlike(
  { registry }: Project,
  champion: Manifest,
  version: string,
  watched: readonly string[],
): Promise<boolean> {
  const manifest = await registry.find(version).catch((error) => {
    if (error instanceof ChurnError && error.code === 'registry.version_unknown') {
      return null;
    }
    throw error;
  });
  const read = (of: Manifest, name: string) =>
    JSON.stringify(of.features.find((feature) => feature.name === name) ?? null);
  return manifest !== null && watched.every((name) => read(manifest, name) === read(champion, name));
}

/**
 * The champion's reference as logged rows show it.
 * @throws model.mismatch when it does not read the feature, so that the log does not hold it
 */
export function servedReference(profile: ColumnProfile, champion: Manifest): ColumnProfile {
  const feature = champion.features.find(({ name }) => name === profile.name);
  if (feature === undefined) {
    throw new ChurnError('model.mismatch', {
      expected: `features that ${champion.version} reads in drift.features, since the log holds no others`,
      came: profile.name,
      fix: 'take it out of drift.features, or check without --log',
    });
  }
  return feature.type === 'number' ? asFloat32(profile) : asEncoded(profile, feature.categories);
}

export async function nothingLogged(log: LoggedPredictions, window: Window): Promise<ChurnError> {
  const days = await log.days();
  const last = addDays(window.to, -1);
  const asked = window.from === last ? `on ${last}` : `from ${window.from} to ${last}`;
  return new ChurnError('data.empty', {
    expected: `predictions ${asked} in the log (${log.folder})`,
    came: days.length === 0 ? 'an empty log' : `days from ${days[0]} to ${days[days.length - 1]}`,
    fix: days.length === 0 ? 'let `churn-mlops serve` answer first' : 'choose another day',
  });
}
