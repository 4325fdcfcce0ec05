import type { Engine } from '../data/engine/engine.js';
import { join, sql } from '../data/engine/sql.js';
import { ChurnError } from '../error.js';
import { md5FirstByte } from '../maths/md5.js';
import { featureColumn } from '../model/matrix.js';
import type { Manifest } from '../model/registry/manifest.js';
import { openScorer, type Scorer } from '../model/score.js';
import { choiceFor } from '../monitor/drift/choice.js';
import { featureDrift } from '../monitor/drift/feature.js';
import type { TableDriftOptions } from '../monitor/drift/judge.js';
import type { FeatureDrift } from '../monitor/drift/report.js';
import { numericBins } from '../monitor/profile/bins.js';
import { profileOfValues } from '../monitor/profile/count.js';
import { UNIT_GROUPS } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import type { Window } from '../time.js';
import { featuresOf, type Rows } from './drift-windows.js';

const SCORE = 'churn_risk';
/** Rows of each window that are scored. */
const MOST_ROWS = 20_000;

/**
 * How far the champion's scores moved: of the current rows against those of the days that it was tested on, which it did not
 * learn from. Beside the features it tells whether their drift reaches the predictions.
 */
export async function scoreDrift(
  project: Project,
  champion: Manifest,
  current: Window,
  options: TableDriftOptions,
): Promise<FeatureDrift> {
  const { registry, config } = project;
  const { from, to } = champion.data.test;
  const engine = await project.engine();
  const scorer = await openScorer(registry, champion);
  try {
    const of = (rows: Rows) => scoresOf(engine, scorer, rows, config.training.seed);
    const before = await of(featuresOf(project, engine, { from, to }));
    const now = await of(featuresOf(project, engine, current));
    const bins = numericBins(before.scores);
    return featureDrift(
      profileOfValues(SCORE, bins, before.scores, before.groups),
      profileOfValues(SCORE, bins, now.scores, now.groups),
      {
        ...choiceFor(options, SCORE, 'numeric'),
        significance: options.significance,
        seed: options.seed,
        unitAware: true,
      },
    );
  } finally {
    await scorer.close();
  }
}

async function scoresOf(
  engine: Engine,
  scorer: Scorer,
  { relation, where }: Rows,
  seed: number,
): Promise<{ scores: Float64Array; groups: Uint8Array }> {
  const specs = scorer.encoding.features;
  const there = await engine.describe(sql`SELECT * FROM ${relation} AS described`);
  const missing = specs.filter(({ name }) => !there.some((column) => column.name === name));
  if (missing.length > 0) {
    throw new ChurnError('model.mismatch', {
      expected: `the features of ${scorer.manifest.version} in ${where}`,
      came: `a table without ${missing.map(({ name }) => name).join(', ')}`,
      fix: 'configure these features again, or check without --scores',
    });
  }
  const scores = new Float64Array(MOST_ROWS);
  const groups = new Uint8Array(MOST_ROWS);
  const selected = join([sql`CAST(user_id AS STRING) AS who`, ...specs.map(featureColumn)]);
  let filled = 0;
  for await (const chunk of engine.columns(await engine.sample(selected, relation, MOST_ROWS, seed))) {
    const { probabilities } = await scorer.score(chunk.columns.slice(1), chunk.rows);
    scores.set(probabilities, filled);
    (chunk.columns[0] as (string | null)[]).forEach((user, i) => {
      groups[filled + i] = user === null ? 0 : md5FirstByte(user) % UNIT_GROUPS;
    });
    filled += chunk.rows;
  }
  return { scores: scores.subarray(0, filled), groups: groups.subarray(0, filled) };
}
