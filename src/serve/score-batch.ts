import type { EncodeCounts } from '../model/encode.js';
import { nextTurn } from './next-turn.js';
import type { LiveModel, LoggedBatch, LoggedPrediction } from './parts.js';
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
  for (let row = 0; explanations !== null && row < rows; row++) {
    explanations.push(model.explain(rowOf(row), facts.explain));
    await nextTurn();
  }
  addCounts(parts.meter.valueCounts(model.encoding), counts);
  await keepRows(parts, model, {
    time: parts.clock().getTime(),
    requestId: facts.requestId,
    userId: facts.userId,
    snapshotDate: facts.snapshotDate,
    version: model.manifest.version,
    arm: ARM,
    probabilities: risks,
    values,
  });
  return { model, risks, explanations };
}

/** Keeps a batch piece by piece. */
async function keepRows(parts: PredictParts, model: LiveModel, batch: LoggedBatch): Promise<void> {
  const rows = batch.probabilities.length;
  const width = model.encoding.columns.length;
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const to = Math.min(from + CHUNK_ROWS, rows);
    for (let row = from; row < to; row++) {
      parts.meter.scored(batch.probabilities[row]);
    }
    const values = batch.values.subarray(from * width, to * width);
    parts.drift?.addRows(model, values, batch.probabilities.subarray(from, to));
    parts.log?.appendRows(batch, from, to, model.encoding);
    await nextTurn();
  }
}

/** Keeps one prediction. */
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
