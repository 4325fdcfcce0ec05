import type { Encoding } from '../model/encode.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { DriftReport } from '../monitor/drift/report.js';

/** A version loaded for serving. Immutable: a swap replaces the whole object, so a request that holds one never sees a mixture. */
export interface LiveModel {
  readonly manifest: Manifest;
  readonly encoding: Encoding;
  /** Probability of one encoded row, by the tree walker on this thread (about 10 microseconds). */
  scoreOne(row: Float32Array): number;
  /** Probabilities of many encoded rows (row by row), by onnxruntime in a worker: does not hold up single requests. */
  scoreMany(values: Float32Array, rows: number): Promise<Float32Array>;
  /** Contribution of each feature to one row's log-odds, largest first by absolute value. */
  explain(row: Float32Array, count: number): { feature: string; contribution: number }[];
}

export interface ReloadResult {
  at: string;
  outcome: 'swapped' | 'unchanged' | 'failed';
  version: string | null;
  error: string | null;
}

/** Holds the champion: watches the alias, loads a new version beside the old one, checks it and swaps. */
export interface ModelHolder {
  /** The model to use for a request, taken once at its beginning; null before the first one is loaded. */
  current(): LiveModel | null;
  lastReload(): ReloadResult | null;
  /** Looks now. Calls at the same time share one look. */
  reload(): Promise<ReloadResult>;
  onReload(listener: (result: ReloadResult) => void): void;
  /** Starts watching the alias. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface LoggedPrediction {
  /** Milliseconds since 1970. */
  time: number;
  requestId: string;
  /** As the caller sent it; null when there was none. */
  userId: string | number | null;
  snapshotDate: string | null;
  version: string;
  arm: string;
  probability: number;
  /** The encoded row (columns of the design matrix). */
  row: Float32Array;
}

/** Predictions that were made together. */
export interface LoggedBatch extends Pick<LoggedPrediction, 'time' | 'requestId' | 'version' | 'arm'> {
  userId(row: number): LoggedPrediction['userId'];
  snapshotDate(row: number): string | null;
  probabilities: Float32Array;
  /** The encoded rows, one after another. */
  values: Float32Array;
}

/** Appends predictions durably without slowing the answer. */
export interface PredictionLog {
  /**
   * Never throws and never waits; drops (and counts) when the buffer is full or the disk is. Copies what it keeps: the
   * prediction and its row may be filled again at once.
   */
  append(prediction: LoggedPrediction, encoding: Encoding): void;
  /** The same for rows of a batch, from `from` up to before `to`. */
  appendRows(batch: LoggedBatch, from: number, to: number, encoding: Encoding): void;
  /** Writes out what is buffered. */
  flush(): Promise<void>;
  stats(): { buffered: number; written: number; dropped: number; failing: string | null };
  close(): Promise<void>;
}

/** A rolling profile of served features and scores against the reference profile, in constant memory. */
export interface LiveDrift {
  /** Counts one served row. */
  add(model: LiveModel, row: Float32Array, probability: number): void;
  /** Counts served rows, one after another, with the probability of each. */
  addRows(model: LiveModel, values: Float32Array, probabilities: Float32Array): void;
  /** Null before a model and enough rows. */
  report(): { version: string; rows: number; report: DriftReport } | null;
}
