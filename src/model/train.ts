import type { Config } from '../config/schema.js';
import { evaluateSample, type SampleEvaluation } from '../monitor/performance/evaluate.js';
import { hash32 } from '../random.js';
import type { Day } from '../time.js';
import { type Calibration, calibrate, probabilitiesOf, uncalibrated } from './calibrate.js';
import { contributionsByFeature } from './encode.js';
import { asDataset, type LabelledMatrix, requireBothClasses, rowsWithin, selectRows } from './matrix.js';
import type { Proof } from './onnx/prove.js';
import type { Split } from './split.js';
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
 * @throws data.insufficient for one class, library.missing, work.cancelled, model.unproven
 */
export async function trainModel(
  matrix: LabelledMatrix,
  split: Split,
  options: TrainOptions,
): Promise<TrainedModel> {
  const { config } = options;
  const learn = rowsWithin(matrix, split.learn);
  const test = rowsWithin(matrix, split.test);
  requireBothClasses(learn, 'training days');
  requireBothClasses(test, 'test days');
  const { rounds, calibration } = await chooseRounds(learn, split, test, options);
  const result = await options.trainer.train({ ...requestOf(learn, null, test, options), rounds });
  const scores = probabilitiesOf(result.probeMargins, calibration);
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
    ...(await exportModel(result, calibration, test, options)),
    importance: importanceOf(result.form, test),
  };
}

/** The published file, proven against the library's own scores of every test row. */
async function exportModel(
  { form, probeMargins }: TrainResult,
  calibration: Calibration,
  { encoding, rows, values }: LabelledMatrix,
  { trainer, at }: TrainOptions,
): Promise<{ bytes: Uint8Array; proof: Proof }> {
  // Loaded when needed: onnxruntime and protobuf take a quarter of a second.
  const { writeModel } = await import('./onnx/write.js');
  const { proveExport } = await import('./onnx/prove.js');
  const bytes = writeModel({ form, calibration, encoding, metadata: { trainer: trainer.id, at } });
  const columns = encoding.columns.length;
  return {
    bytes,
    proof: await proveExport({ bytes, columns, probe: { rows, values }, probeMargins, calibration }),
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
export function importanceOf(
  form: ModelForm,
  test: Pick<LabelledMatrix, 'encoding' | 'rows' | 'values'>,
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
