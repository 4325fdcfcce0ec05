import { sql } from '../data/engine/sql.js';
import { labelledRows } from '../data/labelled.js';
import { betweenDays } from '../data/population.js';
import { type LabelledMatrix, readMatrix } from '../model/matrix.js';
import type { Manifest } from '../model/registry/manifest.js';
import { openScorer } from '../model/score.js';
import type { LabelledRows } from '../monitor/performance/users.js';
import type { Project } from '../open.js';
import type { Day, Window } from '../time.js';

/** Labelled rows with a version's scores; the day number of each. */
export interface ScoredRows extends LabelledRows {
  scores: Float32Array;
  days: Int32Array;
}

/** Labelled rows of a window that were known on the day `at`, scored by a version. */
export async function scoredRows(
  project: Project,
  manifest: Manifest,
  { from, to }: Window,
  at: Day,
): Promise<ScoredRows> {
  const { config, layout } = project;
  const engine = await project.engine();
  const { query } = await labelledRows(engine, config, layout, at);
  const relation = sql`(SELECT * FROM (${query}) AS labelled WHERE ${betweenDays(sql`as_of_date`, from, to)})`;
  const matrix = await readMatrix(engine, relation, manifest.features);
  const { labels, units, days } = matrix;
  return { labels, units, days, scores: await scoresOf(project, manifest, matrix) };
}

/** A version's scores of rows that are encoded for it. */
export async function scoresOf(
  project: Project,
  manifest: Manifest,
  matrix: LabelledMatrix,
): Promise<Float32Array> {
  const scorer = await openScorer(project.registry, manifest);
  try {
    return await scorer.scoreEncoded(matrix.values, matrix.rows);
  } finally {
    await scorer.close();
  }
}
