import type { Engine } from '../data/engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../data/engine/sql.js';
import { ChurnError } from '../error.js';
import { addDays, type Day, dayNumber, type Window } from '../time.js';
import { type Encoding, encodeInto, encodingOf, type FeatureSpec } from './encode.js';
import type { Dataset } from './trainer/trainer.js';

/** Labelled rows as a design matrix, by day and then by user. */
export interface LabelledMatrix {
  encoding: Encoding;
  rows: number;
  values: Float32Array;
  labels: Uint8Array;
  /** Dense number of the user of each row, from 0. */
  units: Int32Array;
  /** Day number of each row. */
  days: Int32Array;
}

const NUMBERS =
  /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|HUGEINT|INT|LONG|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/i;
const DAYS = /^(DATE|TIMESTAMP.*)$/i;
const NOT_FEATURES = [
  'user_id',
  'as_of_date',
  'signup_date',
  'churn_label',
  'churn_kind',
  'future_active_days',
];

/** Most categories of a feature that get a column of their own; the rarer ones count as unseen. */
const MOST_CATEGORIES = 50;

/** First and last day of labelled rows, as a window. @throws data.insufficient when there are none */
export async function labelledDays(engine: Engine, relation: Sql): Promise<Window> {
  const [{ first, last }] = await engine.rows<{ first: Day | null; last: Day | null }>(
    sql`SELECT min(as_of_date) AS first, max(as_of_date) AS last FROM ${relation} AS labelled`,
  );
  if (first === null || last === null) {
    throw new ChurnError('data.insufficient', {
      expected: 'labelled rows to learn from',
      came: 'none',
      fix: 'wait for more data, or choose a later --at',
    });
  }
  return { from: first, to: addDays(last, 1) };
}

/**
 * The features of labelled rows: all columns but keys, dates and those excluded, with the most frequent categories
 * (sorted) of the rows learnt from: one that comes up later is as unseen to the test as it will be in use.
 */
export async function featureSpecs(
  engine: Engine,
  relation: Sql,
  excluded: readonly string[],
  learn: Window,
): Promise<FeatureSpec[]> {
  const columns = await engine.describe(sql`SELECT * FROM ${relation} AS labelled`);
  const wanted = columns.filter(
    ({ name, type }) => !NOT_FEATURES.includes(name) && !excluded.includes(name) && !DAYS.test(type),
  );
  const learnt = sql`as_of_date >= CAST(${learn.from} AS DATE) AND as_of_date < CAST(${learn.to} AS DATE)`;
  const specs: FeatureSpec[] = [];
  for (const { name, type } of wanted) {
    if (NUMBERS.test(type)) {
      specs.push({ name, type: 'number' });
      continue;
    }
    const value = sql`CAST(${identifier(name)} AS STRING)`;
    const found = await engine.rows<{ value: string }>(
      sql`SELECT ${value} AS value, count(*) AS rows FROM ${relation} AS labelled WHERE ${learnt} AND ${value} IS NOT NULL GROUP BY ${value}
        ORDER BY rows DESC, value LIMIT ${raw(String(MOST_CATEGORIES))}`,
    );
    specs.push({ name, type: 'category', categories: found.map((row) => row.value).sort() });
  }
  return specs;
}

/** A feature as the encoder reads it: float32 with NaN for null, or text. */
export function featureColumn(spec: FeatureSpec): Sql {
  const column = identifier(spec.name);
  return spec.type === 'number'
    ? sql`coalesce(CAST(${column} AS FLOAT), CAST('NaN' AS FLOAT))`
    : sql`CAST(${column} AS STRING)`;
}

/** Reads labelled rows of a relation. @throws data.invalid for an infinite value, naming the feature */
export async function readMatrix(
  engine: Engine,
  relation: Sql,
  specs: readonly FeatureSpec[],
  signal?: AbortSignal,
): Promise<LabelledMatrix> {
  const encoding = encodingOf(specs);
  const width = encoding.columns.length;
  const [{ rows }] = await engine.rows<{ rows: number }>(
    sql`SELECT count(*) AS rows FROM ${relation} AS labelled`,
  );
  const matrix: LabelledMatrix = {
    encoding,
    rows,
    values: new Float32Array(rows * width),
    labels: new Uint8Array(rows),
    units: new Int32Array(rows),
    days: new Int32Array(rows),
  };
  const units = sql`SELECT user_id, row_number() OVER (ORDER BY user_id) - 1 AS _unit FROM (SELECT DISTINCT user_id FROM ${relation} AS labelled) AS users`;
  const query = sql`SELECT ${join(specs.map(featureColumn))}, churn_label, _unit, ${engine.dialect.dayNumber(sql`as_of_date`)} AS _day
    FROM ${relation} AS labelled JOIN (${units}) AS units USING (user_id) ORDER BY as_of_date, user_id`;
  let row = 0;
  for await (const chunk of engine.columns(query, signal)) {
    encodeInto(encoding, chunk.columns.slice(0, specs.length), chunk.rows, matrix.values, row);
    const [labels, units, days] = chunk.columns.slice(specs.length) as Float64Array[];
    matrix.labels.set(labels, row);
    matrix.units.set(units, row);
    matrix.days.set(days, row);
    row += chunk.rows;
  }
  return matrix;
}

/** The rows for which `chosen` holds, copied. */
export function selectRows(matrix: LabelledMatrix, chosen: (row: number) => boolean): LabelledMatrix {
  const picked = Array.from({ length: matrix.rows }, (_, row) => row).filter(chosen);
  const width = matrix.encoding.columns.length;
  const values = new Float32Array(picked.length * width);
  picked.forEach((from, to) => {
    values.set(matrix.values.subarray(from * width, (from + 1) * width), to * width);
  });
  return {
    encoding: matrix.encoding,
    rows: picked.length,
    values,
    labels: Uint8Array.from(picked, (row) => matrix.labels[row]),
    units: Int32Array.from(picked, (row) => matrix.units[row]),
    days: Int32Array.from(picked, (row) => matrix.days[row]),
  };
}

/** The rows of a window of days: a view, since rows lie by day. */
export function rowsWithin(matrix: LabelledMatrix, window: Window): LabelledMatrix {
  const from = firstRowFrom(matrix.days, dayNumber(window.from));
  const to = firstRowFrom(matrix.days, dayNumber(window.to));
  const width = matrix.encoding.columns.length;
  return {
    encoding: matrix.encoding,
    rows: to - from,
    values: matrix.values.subarray(from * width, to * width),
    labels: matrix.labels.subarray(from, to),
    units: matrix.units.subarray(from, to),
    days: matrix.days.subarray(from, to),
  };
}

/** Place of the first row of the given day or later; the number of rows when there is none. */
function firstRowFrom(days: Int32Array, day: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = days[middle] < day ? [middle + 1, high] : [low, middle];
  }
  return low;
}

export function asDataset({ encoding, rows, values, labels }: LabelledMatrix): Dataset {
  return { columns: encoding.columns, rows, values, labels };
}

export function positivesOf({ labels }: LabelledMatrix): number {
  return labels.reduce((sum, label) => sum + label, 0);
}

export function usersOf({ units }: LabelledMatrix): number {
  return new Set(units).size;
}

/** Refuses a part that a model can neither learn from nor be measured on. @throws data.insufficient */
export function requireBothClasses(matrix: LabelledMatrix, what: string): void {
  const positives = positivesOf(matrix);
  if (positives === 0 || positives === matrix.rows) {
    throw new ChurnError('data.insufficient', {
      expected: `users who churned and users who stayed in the ${what}`,
      came:
        matrix.rows === 0
          ? 'no rows'
          : positives === 0
            ? `${matrix.rows} rows, nobody churned`
            : `${matrix.rows} rows, everybody churned`,
    });
  }
}
