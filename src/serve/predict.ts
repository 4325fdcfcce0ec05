import { newCounts } from '../model/encode.js';
import { arrayPool } from './array-pool.js';
import { columnsInto } from './columns-into.js';
import { modelOf } from './current-model.js';
import { ProblemList } from './invalid-rows.js';
import { nextTurn } from './next-turn.js';
import type { LiveModel } from './parts.js';
import type {
  ColumnsRequest,
  EncodedRequest,
  OneRequest,
  Prediction,
  Predictions,
  PredictParts,
  RecordsRequest,
} from './prediction.js';
import { rowEncoderOf } from './row-encoder.js';
import { ARM, CHUNK_ROWS, keep, scoreBatch } from './score-batch.js';

export type { ColumnValues } from './columns-into.js';
export type * from './prediction.js';

/**
 * The one place where a prediction happens, for every protocol:
 *
 *   predictOne(parts, {requestId, row: {userId, snapshotDate, features}, explain}): Prediction       synchronous
 *   predictRecords(parts, {requestId, rows: [{userId, snapshotDate, features}], explain}): Promise<Predictions>
 *   predictColumns(parts, {requestId, rows, columns: {name: values}, userIds?, explain}): Promise<Predictions>
 *   predictEncoded(parts, model, {requestId, userId, snapshotDate, values, explain}): Prediction      synchronous
 *
 * Values are checked against the model, encoded, scored, counted, shown to live drift and logged. Every feature must be
 * there; null says that its value is missing (numbers and categories alike), a category the model never saw is scored as
 * none of the known ones; both are counted. A number takes finite JSON numbers and true/false (1 and 0), a category takes
 * text. In columns a Float32Array or Float64Array says missing with NaN; anywhere else NaN and infinity are refused:
 * a protocol that reads bare NaN turns it into null before it calls.
 * @throws InvalidRows (400) that names every wrong field; registry.champion_missing (503) before a model is loaded
 */
export function predictOne(parts: PredictParts, request: OneRequest): Prediction {
  const model = modelOf(parts.holder);
  const encoder = rowEncoderOf(model.encoding);
  const values = new Float32Array(encoder.width);
  if (!encoder.encode(request.row.features, values, 0, parts.meter.valueCounts(model.encoding))) {
    const problems = new ProblemList();
    encoder.explain(request.row.features, request.place ?? 'features', problems);
    problems.throwIfAny();
  }
  const { requestId, row, explain } = request;
  return predictEncoded(parts, model, {
    requestId,
    userId: row.userId,
    snapshotDate: row.snapshotDate,
    values,
    explain,
  });
}

/** Scores a row that is encoded already; its nulls and unseen categories are the caller's to count. */
export function predictEncoded(parts: PredictParts, model: LiveModel, request: EncodedRequest): Prediction {
  const { values, explain } = request;
  const risk = Math.fround(model.scoreOne(values));
  const explanation = explain > 0 ? model.explain(values, explain) : null;
  keep(parts, model, {
    time: parts.clock().getTime(),
    requestId: request.requestId,
    userId: request.userId,
    snapshotDate: request.snapshotDate,
    version: model.manifest.version,
    arm: ARM,
    probability: risk,
    row: values,
  });
  return { model, risk, explanation };
}

export async function predictRecords(parts: PredictParts, request: RecordsRequest): Promise<Predictions> {
  const model = modelOf(parts.holder);
  const encoder = rowEncoderOf(model.encoding);
  const { rows, place = (index: number) => `rows[${index}].features` } = request;
  const counts = newCounts(model.encoding);
  const values = new Float32Array(rows.length * encoder.width);
  const problems = new ProblemList();
  for (let row = 0; row < rows.length; row++) {
    if (!encoder.encode(rows[row].features, values, row * encoder.width, counts)) {
      encoder.explain(rows[row].features, place(row), problems);
    }
    if (row % CHUNK_ROWS === CHUNK_ROWS - 1) {
      await nextTurn();
    }
  }
  problems.throwIfAny();
  return scoreBatch(parts, model, values, counts, {
    requestId: request.requestId,
    rows: rows.length,
    explain: request.explain,
    userId: (row) => rows[row].userId,
    snapshotDate: (row) => rows[row].snapshotDate,
  });
}

/** Two large batches. */
const matrices = arrayPool((length) => new Float32Array(length), 4 * 1024 * 1024);

export async function predictColumns(parts: PredictParts, request: ColumnsRequest): Promise<Predictions> {
  const model = modelOf(parts.holder);
  const { rows, userIds, snapshotDates } = request;
  const counts = newCounts(model.encoding);
  const values = matrices.take(rows * model.encoding.columns.length).fill(0);
  await columnsInto(model.encoding, request.columns, rows, values, counts, request.place ?? 'columns');
  requireLength(userIds, rows, 'user_ids');
  requireLength(snapshotDates, rows, 'snapshot_dates');
  const predictions = await scoreBatch(parts, model, values, counts, {
    requestId: request.requestId,
    rows,
    explain: request.explain,
    userId: (row) => userIds?.[row] ?? null,
    snapshotDate: (row) => snapshotDates?.[row] ?? null,
  });
  matrices.give(values);
  return predictions;
}

function requireLength(list: readonly unknown[] | null | undefined, rows: number, field: string): void {
  if (list && list.length !== rows) {
    const problems = new ProblemList();
    problems.addInWords(field, `a list of ${rows} values`, `${list.length} values`);
    problems.throwIfAny();
  }
}
