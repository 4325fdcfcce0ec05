import { purgeDays } from '../config/columns.js';
import { countedColumns } from '../data/count/columns.js';
import { countReference } from '../data/count/count-reference.js';
import { sql } from '../data/engine/sql.js';
import { labelledRows, labelsKnownUntil } from '../data/labelled.js';
import { betweenDays, inPopulation } from '../data/population.js';
import { readTable, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { type LabelledMatrix, labelledDays, positivesOf, usersOf } from '../model/matrix.js';
import type { GoldenRows, Manifest } from '../model/registry/manifest.js';
import type { Bundle } from '../model/registry/registry.js';
import type { Split } from '../model/split.js';
import { type TrainedModel, trainModel } from '../model/train.js';
import type { RoundProgress, Trainer } from '../model/trainer/trainer.js';
import { readTrainingRows } from '../model/training-rows.js';
import { copyFindings, featureFindings, scoreFindings } from '../monitor/performance/sanity.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import { addDays, type Day, type Window } from '../time.js';
import { PACKAGE_VERSIONS, PROGRAM_VERSION } from '../version.js';
import { asOfDay } from './as-of.js';
import { type JobRequest, recorded } from './record.js';

export interface TrainJobOptions {
  at: Day | null;
  trainer?: Trainer['id'];
  parent?: string | null;
  onRound?: (progress: RoundProgress) => void;
}

/** Trains a version from the training set and registers it. Moves no alias. */
export async function trainVersion(project: Project, options: TrainJobOptions): Promise<Manifest> {
  const job: JobRequest = { command: 'train', at: options.at, parent: options.parent };
  return recorded(project, job, async (run) => {
    const { config, layout, registry, clock, history, signal } = project;
    await requireTable(layout.trainingDataset, 'training-set');
    const at = await asOfDay(project, options.at);
    job.at = at;
    const { matrix, split } = await readTrainingSet(project, at);
    const trainer = await project.trainer(options.trainer ?? config.training.trainer);
    const trained = await trainModel(matrix, split, {
      config,
      trainer,
      at,
      onRound: options.onRound,
      signal,
    });
    const names = matrix.encoding.features.map((feature) => feature.name);
    const bundle: Bundle = {
      model: trained.bytes,
      profile: await referenceProfile(project, split.learn, names),
      golden: goldenRows(trained),
      manifest: await recordOf(project, trained, trainer, at),
    };
    const manifest = await registry.add(bundle, clock());
    const { version, measures, rounds } = manifest;
    await history.addReport({ run, kind: 'training', at, version, status: 'ok', body: manifest });
    return {
      value: manifest,
      reads: [{ path: layout.trainingDataset, rows: matrix.rows }],
      writes: [{ path: registry.folder(version) }],
      result: { version, rounds, pr_auc: measures.pr_auc.value, roc_auc: measures.roc_auc.value },
    };
  });
}

/** The rows of the training set whose labels were known on the day `at`, and how they are split. */
async function readTrainingSet(project: Project, at: Day): Promise<{ matrix: LabelledMatrix; split: Split }> {
  const { config, layout } = project;
  const engine = await project.engine();
  const table = readTable(engine, layout.trainingDataset);
  const relation = sql`(SELECT * FROM ${table} WHERE as_of_date < CAST(${labelsKnownUntil(config, at)} AS DATE))`;
  await refuseStale(project, await labelledDays(engine, relation), at);
  return readTrainingRows(engine, relation, config);
}

/** Refuses a training set that ends before the labels do: a model of today would be one of long ago. */
async function refuseStale(project: Project, days: Window, at: Day): Promise<void> {
  const { config, layout } = project;
  await requireTable(layout.labelsDaily, 'labels');
  const engine = await project.engine();
  const { query } = await labelledRows(engine, config, layout, at);
  const known = await labelledDays(engine, sql`(${query})`);
  if (days.to < known.to) {
    throw new ChurnError('data.stale', {
      expected: `a training set up to ${addDays(known.to, -1)}, the newest day with labels on ${at}`,
      came: `one that ends on ${addDays(days.to, -1)}`,
      fix: 'run `churn-mlops training-set` first',
    });
  }
}

/** Profiles of every feature over the days learnt from, all user-days of the population. */
async function referenceProfile(
  project: Project,
  window: Window,
  features: readonly string[],
): Promise<TableProfile> {
  const { config, layout } = project;
  const engine = await project.engine();
  const table = readTable(engine, layout.userFeaturesDaily);
  const relation = sql`(SELECT * FROM ${table} WHERE ${betweenDays(sql`as_of_date`, window.from, window.to)} AND ${inPopulation(config)})`;
  const columns = await countedColumns(
    engine,
    relation,
    [...new Set([...features, ...config.drift.features])],
    layout.userFeaturesDaily,
  );
  const request = { relation, columns, unit: 'user_id', window };
  return (await countReference(engine, request, config.training.seed)).profile;
}

const GOLDEN_ROWS = 20;

/** Evenly spaced test rows, decoded again, with the library's own calibrated scores. */
function goldenRows({ test, scores }: TrainedModel): GoldenRows {
  const { encoding } = test;
  const width = encoding.columns.length;
  const step = Math.max(1, Math.floor(test.rows / GOLDEN_ROWS));
  const chosen = Array.from({ length: Math.min(GOLDEN_ROWS, test.rows) }, (_, i) => i * step);
  return {
    features: encoding.features.map((feature) => feature.name),
    rows: chosen.map((row) =>
      encoding.features.map((feature, i) => {
        const cells = test.values.subarray(
          row * width + encoding.starts[i],
          row * width + encoding.starts[i + 1],
        );
        if (Number.isNaN(cells[0])) {
          return null;
        }
        return feature.type === 'number' ? cells[0] : (feature.categories[cells.indexOf(1)] ?? '(unseen)');
      }),
    ),
    probabilities: chosen.map((row) => scores[row]),
  };
}

async function recordOf(
  project: Project,
  trained: TrainedModel,
  trainer: Trainer,
  at: Day,
): Promise<Bundle['manifest']> {
  const { config, history } = project;
  const { split, learn, test, result, calibration, evaluation } = trained;
  return {
    at,
    trainer: trainer.id,
    parent: await history.alias('champion'),
    data: {
      ...split.learn,
      rows: learn.rows,
      users: usersOf(learn),
      positives: positivesOf(learn),
      validation: split.validation,
      validated: split.because,
      test: { ...split.test, rows: test.rows, users: usersOf(test), positives: positivesOf(test) },
      purge_days: purgeDays(config),
      sampling: config.training.sampling,
      population: config.population,
      complete_windows: config.training.complete_windows,
    },
    label: config.label,
    features: [...test.encoding.features],
    importance: trained.importance,
    parameters: config.training[trainer.id],
    rounds: result.rounds,
    seed: config.training.seed,
    calibration: {
      method: calibration.method,
      slope: calibration.slope,
      intercept: calibration.intercept,
      because: calibration.reason,
    },
    measures: {
      ...evaluation.measures,
      ece: {
        value: evaluation.ece.value,
        interval: null,
        ...(evaluation.ece.reason ? { reason: evaluation.ece.reason } : {}),
      },
    },
    positive_rate: evaluation.positiveRate,
    warnings: warningsOf(trained),
    proof: trained.proof,
    libraries: { [result.library.name]: result.library.version, ...ownVersions() },
  };
}

/** Signs that the label leaked into the features, or the training rows into the test. */
function warningsOf({ learn, test, scores }: TrainedModel): string[] {
  const rowsOf = ({ encoding, values, rows }: LabelledMatrix) => ({
    columns: encoding.columns,
    values,
    rows,
  });
  return [
    ...scoreFindings(test.labels, scores),
    ...featureFindings(rowsOf(learn), learn.labels),
    ...copyFindings(rowsOf(learn), rowsOf(test)),
  ].map(({ says }) => says);
}

function ownVersions(): Record<string, string> {
  return {
    'churn-mlops': PROGRAM_VERSION,
    node: process.versions.node,
    'onnxruntime-node': PACKAGE_VERSIONS['onnxruntime-node'],
    duckdb: PACKAGE_VERSIONS['@duckdb/node-bindings'],
  };
}
