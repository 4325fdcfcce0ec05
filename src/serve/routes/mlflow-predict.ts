import type { Encoding } from '../../model/encode.js';
import { modelOf } from '../current-model.js';
import { type Predictions, predictColumns, predictRecords, type RecordRow } from '../predict.js';
import type { Serving } from '../serving.js';
import {
  dayOf,
  isFeature,
  requireFewRows,
  SNAPSHOT_DATE,
  takeLogFacts,
  USER_ID,
  userIdOf,
} from './log-facts.js';
import type { Format } from './mlflow-content-type.js';
import { columnsOfCsv } from './mlflow-csv.js';
import { type Columns, type Frame, frameOf, type Records } from './mlflow-frame.js';
import { parsePythonJson } from './python-json.js';

/**
 * Scores the rows of an invocation. Columns `user_id` and `snapshot_date` go to the prediction log.
 * @throws HttpProblem and InvalidRows: 400, and 413 for too many rows
 */
export function predictInvocation(
  serving: Serving,
  body: Buffer,
  format: Format,
  requestId: string,
): Promise<Predictions> {
  // No await before the prediction: one model reads and answers.
  const { encoding } = modelOf(serving.holder);
  const frame: Frame =
    format === 'csv'
      ? { ...columnsOfCsv(body.toString('utf8'), encoding), place: 'csv' }
      : frameOf(parsePythonJson(body), encoding);
  return 'records' in frame
    ? ofRecords(serving, frame, encoding, requestId)
    : ofColumns(serving, frame, encoding, requestId);
}

function ofColumns(
  serving: Serving,
  { rows, columns, place }: Columns & { place: string },
  encoding: Encoding,
  requestId: string,
): Promise<Predictions> {
  requireFewRows(rows, serving.settings.limits.batch_rows);
  const facts = takeLogFacts(columns, encoding, place);
  return predictColumns(serving, { requestId, rows, columns, ...facts, explain: 0, place });
}

function ofRecords(
  serving: Serving,
  { records, place }: Records & { place: string },
  encoding: Encoding,
  requestId: string,
): Promise<Predictions> {
  requireFewRows(records.length, serving.settings.limits.batch_rows);
  const placeOf = (index: number) => `${place}[${index}]`;
  const aside = [USER_ID, SNAPSHOT_DATE].filter((name) => !isFeature(name, encoding));
  const rows = records.map((record, index): RecordRow => {
    const at = (name: string) => `${placeOf(index)}.${name}`;
    const sent = (name: string) => (aside.includes(name) ? record[name] : null);
    return {
      userId: userIdOf(sent(USER_ID), at(USER_ID)),
      snapshotDate: dayOf(sent(SNAPSHOT_DATE), at(SNAPSHOT_DATE)),
      features: without(record, aside),
    };
  });
  return predictRecords(serving, { requestId, rows, explain: 0, place: placeOf });
}

function without(record: Record<string, unknown>, names: string[]): Record<string, unknown> {
  if (!names.some((name) => Object.hasOwn(record, name))) {
    return record;
  }
  const rest = { ...record };
  for (const name of names) {
    delete rest[name];
  }
  return rest;
}
