import type { EncodeCounts } from '../model/encode.js';
import type { LiveModel, LoggedPrediction } from './parts.js';
import type { Contribution, Predictions, PredictParts } from './prediction.js';
import type { ValueCounts } from './row-encoder.js';

/** The arm of every prediction until there is more than one. */
export const ARM = 'champion';

/** So many rows are scored at once on this thread; more go to the worker. */
const WALKED_ROWS = 16;

/** After so many rows other requests get their turn. */
export const CHUNK_ROWS = 500;

export interface BatchFacts {
  requestId: string;
  rows: number;
  explain: number;
  userId(row: number): LoggedPrediction['userId'];
  snapshotDate(row: number): string | null;
}

/** Scores encoded rows, all with one model, and keeps them: counted, shown to live drift, logged. */
export async function scoreBatch(
  parts: PredictParts,
  model: LiveModel,
  values: Float32Array,
  counts: EncodeCounts,
  facts: BatchFacts,
): Promise<Predictions> {
  const { rows } = facts;
  const width = model.encoding.columns.length;
  const rowOf = (row: number) => values.subarray(row * width, (row + 1) * width);
  const risks =
    rows <= WALKED_ROWS
      ? Float32Array.from({ length: rows }, (_, row) => model.scoreOne(rowOf(row)))
      : await model.scoreMany(values, rows);
  const explanations: Contribution[][] | null = facts.explain > 0 ? [] : null;
  addCounts(parts.meter.valueCounts(model.encoding), counts);
  // One prediction and one row are filled again and again: the log copies what it keeps.
  const row = new Float32Array(width);
  const prediction: LoggedPrediction = {
    time: parts.clock().getTime(),
    requestId: facts.requestId,
    userId: null,
    snapshotDate: null,
    version: model.manifest.version,
    arm: ARM,
    probability: 0,
    row,
  };
  for (let index = 0; index < rows; index++) {
    for (let column = 0; column < width; column++) {
      row[column] = values[index * width + column];
    }
    prediction.userId = facts.userId(index);
    prediction.snapshotDate = facts.snapshotDate(index);
    prediction.probability = risks[index];
    explanations?.push(model.explain(row, facts.explain));
    keep(parts, model, prediction);
    if (explanations !== null || index % CHUNK_ROWS === CHUNK_ROWS - 1) {
      await nextTurn();
    }
  }
  return { model, risks, explanations };
}

export function keep(parts: PredictParts, model: LiveModel, prediction: LoggedPrediction): void {
  parts.meter.scored(prediction.probability);
  parts.drift?.add(model, prediction.row, prediction.probability);
  parts.log?.append(prediction, model.encoding);
}

function addCounts(total: ValueCounts, more: EncodeCounts): void {
  for (let feature = 0; feature < more.nulls.length; feature++) {
    total.nulls[feature] += more.nulls[feature];
    total.unseen[feature] += more.unseen[feature];
  }
}

/** Lets other requests have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
