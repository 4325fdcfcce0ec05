import type { Encoding } from '../../model/encode.js';
import { modelOf } from '../current-model.js';
import type { ColumnsRequest, ColumnValues } from '../predict.js';
import type { Serving } from '../serving.js';
import { refuse } from './check.js';
import {
  dayOf,
  isFeature,
  requireFewRows,
  SNAPSHOT_DATE,
  takeLogFacts,
  USER_ID,
  userIdOf,
} from './log-facts.js';
import type { InferBody } from './oip-body.js';
import { columnsOfMatrix } from './oip-matrix.js';
import { rawBytes, type Tensor, tensorOf } from './oip-tensor.js';

/** The one output. */
export const OUTPUT = 'churn_risk';

/** The input that holds the whole design matrix, instead of one input per feature. */
export const MATRIX = 'features';

/**
 * The rows of an inference request by feature. Inputs are one tensor per feature ([n] or [n, 1]), or the design matrix as one
 * tensor `features`; beside them `user_id` and `snapshot_date` for the log, as tensors or (one user, one day) parameters.
 * @throws InvalidRows (400) naming what is wrong, HttpProblem 413 for too many rows
 */
export function columnsRequestOf(
  { inputs, outputs, parameters, raw }: InferBody,
  requestId: string,
  { holder, settings }: Serving,
): ColumnsRequest {
  const { encoding } = modelOf(holder);
  const unknown = outputs.find(({ name }) => name !== OUTPUT);
  if (unknown !== undefined) {
    refuse('outputs', `"${OUTPUT}" only`, unknown.name);
  }
  if (inputs.length === 0) {
    refuse('inputs', 'a tensor for each feature', 'an empty list');
  }
  const rows = inputs[0].shape[0];
  requireFewRows(rows, settings.limits.batch_rows);
  const bytes = rawBytes(raw);
  const columns: Record<string, ColumnValues> = Object.create(null);
  for (const input of inputs) {
    if (input.shape[0] !== rows) {
      refuse(`inputs.${input.name}.shape`, `${rows} rows, as the first input has`, `[${input.shape}]`);
    }
    addColumns(columns, tensorOf(input, bytes), encoding);
  }
  if (bytes.left > 0) {
    refuse('the body', 'no bytes after those of its inputs', `${bytes.left} more`);
  }
  const sent = takeLogFacts(columns, encoding, 'inputs');
  return {
    requestId,
    rows,
    columns,
    userIds: sent.userIds ?? oneUser(parameters, rows),
    snapshotDates: sent.snapshotDates ?? oneDay(parameters, rows),
    explain: 0,
    place: 'inputs',
  };
}

function addColumns(columns: Record<string, ColumnValues>, tensor: Tensor, encoding: Encoding): void {
  const { name, shape } = tensor;
  const isMatrix = name === MATRIX && !isFeature(MATRIX, encoding);
  const added = isMatrix ? columnsOfMatrix(tensor, encoding) : { [name]: tensor.values };
  if (!isMatrix && shape.slice(1).some((size) => size !== 1)) {
    refuse(`inputs.${name}.shape`, '[n] or [n, 1]', `[${shape}]`);
  }
  for (const [column, values] of Object.entries(added)) {
    if (columns[column] !== undefined) {
      refuse('inputs', `one tensor for "${column}"`, 'two');
    }
    columns[column] = values;
  }
}

function oneUser(parameters: Record<string, unknown>, rows: number): (string | number | null)[] | null {
  const id = userIdOf(parameters[USER_ID], `parameters.${USER_ID}`);
  if (id !== null && rows !== 1) {
    refuse(`parameters.${USER_ID}`, `an input "${USER_ID}" for ${rows} rows`, id);
  }
  return id === null ? null : [id];
}

function oneDay(parameters: Record<string, unknown>, rows: number): (string | null)[] | null {
  const day = dayOf(parameters[SNAPSHOT_DATE], `parameters.${SNAPSHOT_DATE}`);
  return day === null ? null : new Array<string | null>(rows).fill(day);
}
