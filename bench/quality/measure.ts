import { purgeDays } from '../../src/config/columns.js';
import { loadConfig } from '../../src/config/load.js';
import { sql } from '../../src/data/engine/sql.js';
import { labelledRows } from '../../src/data/labelled.js';
import { STEPS } from '../../src/data/steps/index.js';
import { runSteps } from '../../src/jobs/run-steps.js';
import {
  featureSpecs,
  type LabelledMatrix,
  labelledDays,
  positivesOf,
  readMatrix,
  usersOf,
} from '../../src/model/matrix.js';
import { type Split, splitByTime } from '../../src/model/split.js';
import { type TrainedModel, trainModel } from '../../src/model/train.js';
import type { Trainer } from '../../src/model/trainer/trainer.js';
import { ece } from '../../src/monitor/performance/ece.js';
import { percentileInterval } from '../../src/monitor/performance/interval.js';
import type { Interval, MeasureId } from '../../src/monitor/performance/report.js';
import { openProject, type Project } from '../../src/open.js';
import { random } from '../../src/random.js';
import { addDays, type Day } from '../../src/time.js';
import { type SourceFiles, writeProject } from '../measuring/places.js';
import { progress } from '../measuring/report.js';
import type { Variant } from './variants.js';

export interface Estimate {
  value: number | null;
  interval: Interval | null;
}

export type MeasureName = MeasureId | 'ece';

/** How one model did on the test rows of one variant. */
export interface Figures {
  data: string;
  variant: string;
  model: string;
  learnt: { rows: number; from: Day; to: Day; positive_rate: number } | null;
  test: { rows: number; users: number | null; from: Day | null; to: Day | null; positive_rate: number };
  measures: Record<MeasureName, Estimate>;
}

export const TRAINERS: Trainer['id'][] = ['linear', 'xgboost'];

/** All variants of one data set whose tables up to the labels are there. */
export async function figuresOf(
  data: string,
  variants: readonly Variant[],
  at: Day | null,
  base: Base,
): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const variant of variants) {
    await writeProject(base.folder, variant.settings, base.sources);
    const project = await openProject(await loadConfig({ folder: base.folder, environment: {} }));
    try {
      const { matrix, split } = await labelledMatrix(project, at);
      for (const trainer of TRAINERS) {
        progress(`${data}: ${variant.title}: ${trainer} on ${matrix.rows} rows`);
        const trained = await trainModel(matrix, split, {
          config: project.config,
          trainer: await project.trainer(trainer),
          at: at ?? '',
        });
        figures.push(figuresFrom({ data, variant: variant.title, model: trainer }, trained, project));
      }
    } finally {
      await project.close();
    }
  }
  return figures;
}

export interface Base {
  folder: string;
  sources?: SourceFiles;
}

/** The rows that `training-set` would write, straight into memory, and how `train` would split them. */
async function labelledMatrix(
  { config, layout, engine }: Project,
  at: Day | null,
): Promise<{ matrix: LabelledMatrix; split: Split }> {
  const opened = await engine();
  const { query } = await labelledRows(opened, config, layout, at);
  const relation = sql`(${query})`;
  const split = splitByTime({
    days: await labelledDays(opened, relation),
    testShare: config.training.test_share,
    validationShare: config.training.validation_share,
    purgeDays: purgeDays(config),
  });
  const specs = await featureSpecs(opened, relation, config.training.exclude, split.learn);
  return { matrix: await readMatrix(opened, relation, specs), split };
}

function figuresFrom(
  names: Pick<Figures, 'data' | 'variant' | 'model'>,
  trained: TrainedModel,
  { config }: Project,
): Figures {
  const { split, learn, test, evaluation } = trained;
  const { pr_auc, roc_auc, log_loss, brier } = evaluation.measures;
  return {
    ...names,
    learnt: {
      rows: learn.rows,
      from: split.learn.from,
      to: addDays(split.learn.to, -1),
      positive_rate: positivesOf(learn) / learn.rows,
    },
    test: {
      rows: test.rows,
      users: usersOf(test),
      from: split.test.from,
      to: addDays(split.test.to, -1),
      positive_rate: positivesOf(test) / test.rows,
    },
    measures: {
      pr_auc,
      roc_auc,
      log_loss,
      brier,
      ece: { value: evaluation.ece.value, interval: eceInterval(trained, config.training.seed) },
    },
  };
}

const ECE_DRAWS = 200;

/** Users drawn with replacement, as for the other measures. */
function eceInterval({ test, scores }: TrainedModel, seed: number): Interval | null {
  const chance = random(`${seed}/ece`);
  const users = test.units.reduce((most, unit) => Math.max(most, unit + 1), 0);
  const present = [...new Set(test.units)];
  const times = new Float64Array(users);
  const draws = Float64Array.from({ length: ECE_DRAWS }, () => {
    times.fill(0);
    present.forEach(() => {
      times[present[chance.integer(present.length)]]++;
    });
    const weights = Float64Array.from(test.units, (unit) => times[unit]);
    return ece.of(test.labels, scores, weights).value ?? Number.NaN;
  });
  return percentileInterval(draws);
}

/** Builds the tables up to the labels; `make` may put the sources there first. */
export async function prepared(base: Base, make?: (project: Project) => Promise<unknown>): Promise<void> {
  await writeProject(base.folder, '', base.sources);
  const project = await openProject(await loadConfig({ folder: base.folder, environment: {} }));
  try {
    await make?.(project);
    await runSteps(
      project,
      STEPS.filter((step) => step.id !== 'training-set'),
    );
  } finally {
    await project.close();
  }
}
