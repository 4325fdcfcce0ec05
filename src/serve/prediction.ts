import type { Encoding } from '../model/encode.js';
import type { Clock } from '../time.js';
import type { ColumnValues } from './columns-into.js';
import type { LiveDrift, LiveModel, LoggedPrediction, ModelHolder, PredictionLog } from './parts.js';
import type { ValueCounts } from './row-encoder.js';

/** What predictions need. */
export interface PredictParts {
  holder: ModelHolder;
  log: PredictionLog | null;
  drift: LiveDrift | null;
  /** Told of every scored row. */
  meter: PredictionMeter;
  clock: Clock;
}

/** What predictions are counted with (metrics/predictions.ts). */
export interface PredictionMeter {
  /** Where nulls and unseen categories of a model's features are added up. */
  valueCounts(encoding: Encoding): ValueCounts;
  scored(probability: number): void;
}

export interface RecordRow {
  userId: string | number | null;
  snapshotDate: string | null;
  features: Readonly<Record<string, unknown>>;
}

export interface OneRequest {
  requestId: string;
  row: RecordRow;
  /** How many of the strongest contributions to return; 0: none. */
  explain: number;
  /** Where the features stand in the caller's document, for errors; default `features`. */
  place?: string;
}

export interface RecordsRequest {
  requestId: string;
  rows: readonly RecordRow[];
  explain: number;
  /** Where row `index` has its features, for errors; default `rows[index].features`. */
  place?: (index: number) => string;
}

export interface ColumnsRequest {
  requestId: string;
  rows: number;
  /** By feature name, each of `rows` values. */
  columns: Readonly<Record<string, ColumnValues>>;
  userIds?: readonly (string | number | null)[] | null;
  snapshotDates?: readonly (string | null)[] | null;
  explain: number;
  /** Where the columns stand in the caller's document, for errors; default `columns`. */
  place?: string;
}

export interface Contribution {
  feature: string;
  /** To the log-odds, before calibration. */
  contribution: number;
}

export interface Prediction {
  model: LiveModel;
  /** Probability of churn, rounded to float32 so that one row and many give the same number. */
  risk: number;
  explanation: Contribution[] | null;
}

export interface Predictions {
  model: LiveModel;
  /** In the order of the rows. */
  risks: Float32Array;
  explanations: Contribution[][] | null;
}

export interface EncodedRequest {
  requestId: string;
  userId: LoggedPrediction['userId'];
  snapshotDate: string | null;
  /** One encoded row. */
  values: Float32Array;
  explain: number;
}
