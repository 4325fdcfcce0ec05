import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../error.js';
import type { Dataset, RoundProgress } from './trainer.js';
import { type Handle, type NativeXGBoost, openNative } from './xgboost-native.js';

/** What the main thread hands over. */
export interface BoostJob {
  libraryPath: string;
  fit: Dataset;
  validation: Dataset | null;
  probe: { rows: number; values: Float32Array };
  rounds: number;
  earlyStoppingRounds: number;
  parameters: Record<string, string>;
  /** Trees can be cut back to the best round; weights cannot, so those of the best round are kept aside. */
  booster: 'gbtree' | 'gblinear';
  /** One number shared between the threads; not 0: stop. */
  cancel: Int32Array;
}

export type BoostMessage =
  | { kind: 'round'; progress: RoundProgress }
  | { kind: 'done'; result: BoostResult }
  | { kind: 'cancelled' }
  | { kind: 'failed'; stage: 'load' | 'setup' | 'train'; message: string };

export interface BoostResult {
  /** The model as the library saves it: of all rounds for gbtree, of the best for gblinear. */
  json: string;
  rounds: number;
  /** Log-odds before the first round, as the library computes them. */
  baseMargin: number;
  curve: RoundProgress[];
  probeMargins: Float32Array;
  validationMargins: Float32Array | null;
  version: string;
}

let stage: 'load' | 'setup' | 'train' = 'load';
try {
  const message = boost(workerData as BoostJob);
  parentPort?.postMessage(message);
} catch (error) {
  parentPort?.postMessage({ kind: 'failed', stage, message: messageOf(error) } satisfies BoostMessage);
}

function boost(job: BoostJob): BoostMessage {
  const native = openNative(job.libraryPath);
  stage = 'setup';
  const width = job.fit.columns.length;
  const matrixOf = (set: Dataset) =>
    native.createMatrix(set.values, set.rows, width, Float32Array.from(set.labels));
  const fit = matrixOf(job.fit);
  const validation = job.validation === null ? null : matrixOf(job.validation);
  const watched = validation === null ? [fit] : [fit, validation];
  const booster = native.createBooster(watched, job.parameters);
  stage = 'train';
  try {
    const nothing = { rows: 1, values: new Float32Array(width).fill(Number.NaN) };
    const baseMargin = predictRows(native, booster, nothing, width, 0)[0];
    const { curve, best, bestJson, cancelled } = runRounds(native, booster, watched, job);
    if (cancelled) {
      return { kind: 'cancelled' };
    }
    if (bestJson !== null) {
      native.loadJson(booster, bestJson);
    }
    const slice = job.booster === 'gbtree' ? best : 0;
    const result: BoostResult = {
      json: bestJson ?? native.saveJson(booster),
      rounds: best,
      baseMargin,
      curve,
      probeMargins: predictRows(native, booster, job.probe, width, slice),
      validationMargins: validation === null ? null : native.predictMargins(booster, validation, slice),
      version: native.version,
    };
    return { kind: 'done', result };
  } finally {
    native.freeBooster(booster);
    for (const matrix of watched) {
      native.freeMatrix(matrix);
    }
  }
}

interface Rounds {
  curve: RoundProgress[];
  best: number;
  bestJson: string | null;
  cancelled: boolean;
}

/** Boosts until the rounds are used up or the validation loss has not fallen for `earlyStoppingRounds`. */
function runRounds(native: NativeXGBoost, booster: Handle, watched: Handle[], job: BoostJob): Rounds {
  const curve: RoundProgress[] = [];
  let best = 0;
  let bestLoss = Number.POSITIVE_INFINITY;
  let bestJson: string | null = null;
  for (let round = 1; round <= job.rounds; round++) {
    if (Atomics.load(job.cancel, 0) !== 0) {
      return { curve, best, bestJson, cancelled: true };
    }
    native.boostOneRound(booster, round - 1, watched[0]);
    const [fitLoss, validationLoss = null] = native.evaluate(booster, round - 1, watched);
    const progress = { round, rounds: job.rounds, fitLoss, validationLoss };
    curve.push(progress);
    parentPort?.postMessage({ kind: 'round', progress } satisfies BoostMessage);
    if (validationLoss === null || validationLoss < bestLoss || best === 0) {
      best = round;
      bestLoss = validationLoss ?? bestLoss;
      bestJson = job.booster === 'gblinear' ? native.saveJson(booster) : null;
    } else if (job.earlyStoppingRounds > 0 && round - best >= job.earlyStoppingRounds) {
      break;
    }
  }
  return { curve, best, bestJson, cancelled: false };
}

function predictRows(
  native: NativeXGBoost,
  booster: Handle,
  set: BoostJob['probe'],
  width: number,
  rounds: number,
): Float32Array {
  if (set.rows === 0) {
    return new Float32Array(0);
  }
  const matrix = native.createMatrix(set.values, set.rows, width, null);
  const margins = native.predictMargins(booster, matrix, rounds);
  native.freeMatrix(matrix);
  return margins;
}
