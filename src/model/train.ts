import { purgeDays } from '../config/columns.js';
import type { Config } from '../config/schema.js';
import { evaluateSample, type SampleEvaluation } from '../monitor/performance/evaluate.js';
import { hash32 } from '../random.js';
import { addDays, type Day, dayOfNumber } from '../time.js';
import { type Calibration, calibrate, probabilitiesOf, uncalibrated } from './calibrate.js';
import { contributionsByFeature } from './encode.js';
import { asDataset, type LabelledMatrix, requireBothClasses, rowsWithin, selectRows } from './matrix.js';
import { type Proof, proveExport } from './onnx/prove.js';
import { writeModel } from './onnx/write.js';
import { type Split, splitByTime } from './split.js';
import type { ModelForm, RoundProgress, Trainer, TrainRequest, TrainResult } from './trainer/trainer.js';
import { contributions } from './tree/form.js';

export interface TrainOptions {
  config: Config;
  trainer: Trainer;
  /** Name of the last day whose label is known, for the file's metadata. */
  at: Day;
  onRound?: (progress: RoundProgress) => void;
  signal?: AbortSignal;
}

/** A trained, measured and exported model, not yet registered. */
export interface TrainedModel {
  split: Split;
  learn: LabelledMatrix;
  test: LabelledMatrix;
  result: TrainResult;
  calibration: Calibration;
  /** Of the test rows, calibrated. */
  scores: Float32Array;
  evaluation: SampleEvaluation;
  bytes: Uint8Array;
  proof: Proof;
  importance: { feature: string; mean_contribution: number }[];
}

/**
 * Trains on the older days, measures on the newest ones and exports. First a fit with a validation part, which tells the
 * number of rounds and the calibration; then a fit of that many rounds on everything before the test's purge gap.
 * @throws data.insufficient for too few days or one class, library.missing, work.cancelled, model.unproven
 */
export async function trainModel(matrix: LabelledMatrix, options: TrainOptions): Promise<TrainedModel> {
  const { config } = options;
  const split = splitByTime({
    days: { from: dayOfNumber(matrix.days[0]), to: addDays(dayOfNumber(matrix.days[matrix.rows - 1]), 1) },
    testShare: config.training.test_share,
    validationShare: config.training.validation_share,
    purgeDays: purgeDays(config),
  });
  const learn = rowsWithin(matrix, split.learn);
  const test = rowsWithin(matrix, split.test);
  requireBothClasses(learn, 'training days');
  requireBothClasses(test, 'test days');
  const { rounds, calibration } = await chooseRounds(learn, split, test, options);
  const result = await options.trainer.train({ ...requestOf(learn, null, test, options), rounds });
  const scores = probabilitiesOf(result.probeMargins, calibration);
  const bytes = writeModel({
    form: result.form,
    calibration,
    encoding: matrix.encoding,
    metadata: { trainer: options.trainer.id, at: options.at },
  });
  const proof = await proveExport({
    bytes,
    columns: matrix.encoding.columns.length,
    probe: { rows: test.rows, values: test.values },
    probeMargins: result.probeMargins,
    calibration,
  });
  const evaluation = evaluateSample(
    { labels: test.labels, units: test.units, scores },
    { seed: config.training.seed, draws: config.evaluation.draws },
  );
  return {
    split,
    learn,
    test,
    result,
    calibration,
    scores,
    evaluation,
    bytes,
    proof,
    importance: importanceOf(result.form, test),
  };
}

async function chooseRounds(
  learn: LabelledMatrix,
  split: Split,
  test: LabelledMatrix,
  options: TrainOptions,
): Promise<{ rounds: number; calibration: Calibration }> {
  const { config } = options;
  const [fit, validation] = validationParts(learn, split);
  if (!hasBothClasses(fit) || !hasBothClasses(validation)) {
    return {
      rounds: config.training.rounds,
      calibration: uncalibrated('no validation part with both classes'),
    };
  }
  const result = await options.trainer.train(requestOf(fit, validation, test, options));
  const calibration = config.training.calibrate
    ? calibrate(result.validationMargins as Float32Array, validation.labels, validation.units)
    : uncalibrated('switched off in the configuration');
  return { rounds: result.rounds, calibration };
}

/** By time where the split says so, otherwise every fifth user by hash. */
function validationParts(learn: LabelledMatrix, split: Split): [LabelledMatrix, LabelledMatrix] {
  if (split.validation !== null) {
    return [rowsWithin(learn, split.fit), rowsWithin(learn, split.validation)];
  }
  const heldOut = (row: number) => hash32(`validation/${learn.units[row]}`) % 5 === 0;
  return [selectRows(learn, (row) => !heldOut(row)), selectRows(learn, heldOut)];
}

function hasBothClasses({ labels }: LabelledMatrix): boolean {
  return labels.includes(0) && labels.includes(1);
}

function requestOf(
  fit: LabelledMatrix,
  validation: LabelledMatrix | null,
  test: LabelledMatrix,
  { config, trainer, onRound, signal }: TrainOptions,
): TrainRequest {
  return {
    fit: asDataset(fit),
    validation: validation === null ? null : asDataset(validation),
    probe: { rows: test.rows, values: test.values },
    rounds: config.training.rounds,
    earlyStoppingRounds: config.training.early_stopping_rounds,
    seed: config.training.seed,
    threads: config.engine.threads,
    parameters: config.training[trainer.id],
    onRound,
    signal,
  };
}

/** Rows whose contributions are averaged. */
const IMPORTANCE_ROWS = 2000;

/** Mean absolute contribution per feature over evenly spaced test rows, largest first. */
function importanceOf(
  form: ModelForm,
  test: LabelledMatrix,
): { feature: string; mean_contribution: number }[] {
  const { encoding } = test;
  const step = Math.max(1, Math.floor(test.rows / IMPORTANCE_ROWS));
  const sums = new Float64Array(encoding.features.length);
  const byColumn = new Float64Array(encoding.columns.length);
  let rows = 0;
  for (let row = 0; row < test.rows; row += step) {
    contributions(form, test.values, row, byColumn);
    contributionsByFeature(encoding, byColumn).forEach((value, feature) => {
      sums[feature] += Math.abs(value);
    });
    rows++;
  }
  return encoding.features
    .map(({ name }, feature) => ({ feature: name, mean_contribution: sums[feature] / rows }))
    .sort((a, b) => b.mean_contribution - a.mean_contribution);
}
