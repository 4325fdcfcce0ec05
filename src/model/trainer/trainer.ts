import type { LinearForm } from '../linear-form.js';
import type { Forest } from '../tree/forest.js';

/** A design matrix: `rows` x `columns.length` float32 in row order, NaN for missing; labels 0 or 1. */
export interface Dataset {
  columns: readonly string[];
  rows: number;
  values: Float32Array;
  labels: Uint8Array;
}

export interface TrainRequest {
  /** What the trees or weights are fitted to. */
  fit: Dataset;
  /** Watched for early stopping; null: all rounds are run. */
  validation: Dataset | null;
  /** Rows that the library itself scores at the end, so that an export can be proven against it. */
  probe: { rows: number; values: Float32Array };
  /** At most so many boosting rounds. */
  rounds: number;
  earlyStoppingRounds: number;
  seed: number;
  threads: number;
  /** The library's own parameters, as its documentation names them. */
  parameters: Readonly<Record<string, string | number>>;
  onRound?: (progress: RoundProgress) => void;
  signal?: AbortSignal;
}

export interface RoundProgress {
  round: number;
  rounds: number;
  /** Log loss on the fitted rows and, when there are any, the validation rows. */
  fitLoss: number;
  validationLoss: number | null;
}

export type ModelForm = { kind: 'trees'; forest: Forest } | { kind: 'linear'; linear: LinearForm };

export interface TrainResult {
  form: ModelForm;
  /** Rounds kept (the best on validation, from 1). */
  rounds: number;
  curve: RoundProgress[];
  /** Log-odds of the probe rows and of the validation rows as the library computed them. */
  probeMargins: Float32Array;
  validationMargins: Float32Array | null;
  library: { name: string; version: string };
}

/**
 * Fits a binary classifier; deterministic for a seed. Errors: library.missing, data.invalid, config.invalid
 * (a parameter), work.cancelled.
 */
export interface Trainer {
  readonly id: 'xgboost' | 'linear';
  readonly title: string;
  train(request: TrainRequest): Promise<TrainResult>;
}
