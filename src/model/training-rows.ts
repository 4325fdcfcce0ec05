import { purgeDays } from '../config/columns.js';
import type { Config } from '../config/schema.js';
import type { Engine } from '../data/engine/engine.js';
import type { Sql } from '../data/engine/sql.js';
import { featureSpecs, type LabelledMatrix, labelledDays, readMatrix } from './matrix.js';
import { type Split, splitByTime } from './split.js';

/** Labelled rows of a relation as a matrix, and how they are split: categories come from the days learnt from. */
export async function readTrainingRows(
  engine: Engine,
  relation: Sql,
  config: Config,
): Promise<{ matrix: LabelledMatrix; split: Split }> {
  const { training } = config;
  const split = splitByTime({
    days: await labelledDays(engine, relation),
    testShare: training.test_share,
    validationShare: training.validation_share,
    purgeDays: purgeDays(config),
  });
  const specs = await featureSpecs(engine, relation, training.exclude, split.learn);
  return { matrix: await readMatrix(engine, relation, specs), split };
}
