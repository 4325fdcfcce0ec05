import type { Engine } from '../../data/engine/engine.js';
import { identifier, join as joined, raw, type Sql, sql } from '../../data/engine/sql.js';
import { inRoot } from '../../data/layout.js';
import type { LoggedPredictions } from '../../jobs/drift-log.js';
import type { Project } from '../../open.js';
import type { Day, Window } from '../../time.js';
import { featureColumn } from './columns.js';
import { closedFolder, loggedDays, placesOf } from './places.js';

/**
 * A relation (for FROM) over the predictions of a window of days: compacted days and open segments. Its columns are
 * time (TIMESTAMP, UTC), request_id, user_id (text), snapshot_date, model_version, arm, churn_risk and every feature of
 * the models that served, null where a model had no such feature. Null when the window holds no prediction.
 *
 * It names the files that are there now: a compaction that runs before the query does makes that fail with input.missing;
 * ask for the relation again then, or hold the project's lock.
 */
export async function predictionLogRelation(
  engine: Engine,
  folder: string,
  window: Window,
): Promise<Sql | null> {
  const days = (await loggedDays(folder)).filter((day) => day >= window.from && day < window.to);
  const paths = await Promise.all(days.map((day) => pathsOf(folder, day)));
  return unionOf(engine, paths.flat());
}

/** Files, and folders of segments as globs. */
async function pathsOf(folder: string, day: Day): Promise<string[]> {
  const { open, closed, files } = await placesOf(folder, day);
  const folders = closed.map((mark) => closedFolder(folder, day, mark));
  return [...files, ...(open === null ? folders : [...folders, open]).map((path) => `${path}/*.parquet`)];
}

/** Files with different columns under one another. A column of numbers here and texts there is text. */
export async function unionOf(engine: Engine, paths: readonly string[]): Promise<Sql | null> {
  const sources = await Promise.all(
    paths.map(async (path) => {
      const relation = engine.dialect.readFiles(path, 'parquet');
      const columns = await engine.describe(sql`SELECT * FROM ${relation}`);
      return { relation, types: new Map(columns.map(({ name, type }) => [name, type])) };
    }),
  );
  const types = new Map<string, string>();
  for (const [name, type] of sources.flatMap((source) => [...source.types])) {
    types.set(name, types.has(name) && types.get(name) !== type ? 'STRING' : type);
  }
  const selects = sources.map(({ relation, types: own }) => {
    const columns = [...types].map(([name, type]) => {
      const value = own.has(name) ? withNull(name, own.get(name) as string) : sql`NULL`;
      return sql`CAST(${value} AS ${raw(type)}) AS ${identifier(name)}`;
    });
    return sql`SELECT ${joined(columns)} FROM ${relation}`;
  });
  return selects.length === 0 ? null : sql`(${joined(selects, ' UNION ALL ')})`;
}

/** A column of a segment or of a day's file: only segments say missing with NaN. */
function withNull(name: string, type: string): Sql {
  return type === 'FLOAT' ? sql`nullif(${identifier(name)}, CAST('NaN' AS FLOAT))` : identifier(name);
}

/** A project's log as jobs read it. */
export function projectLog({ root, config }: Pick<Project, 'root' | 'config'>): LoggedPredictions {
  const folder = inRoot(root, config.serve.prediction_log.folder);
  return {
    folder,
    days: () => loggedDays(folder),
    relation: (engine, window) => predictionLogRelation(engine, folder, window),
    column: featureColumn,
  };
}
