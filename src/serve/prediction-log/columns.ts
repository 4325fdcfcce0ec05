import type { SchemaElement } from 'hyparquet-writer';
import type { Encoding } from '../../model/encode.js';

/** A column without its name, as the format calls it: numbers, microseconds and days since 1970, texts. */
type ColumnType = Pick<SchemaElement, 'type' | 'converted_type'>;

const TEXT: ColumnType = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };

/** Columns of the log that stand before the features. */
export const FIXED_COLUMNS: readonly SchemaElement[] = [
  required('time', { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' }),
  optional('request_id', TEXT),
  optional('user_id', TEXT),
  optional('snapshot_date', { type: 'INT32', converted_type: 'DATE' }),
  optional('model_version', TEXT),
  optional('arm', TEXT),
  required('churn_risk', { type: 'DOUBLE' }),
];

function required(name: string, type: ColumnType): SchemaElement {
  return { name, ...type, repetition_type: 'REQUIRED' };
}

function optional(name: string, type: ColumnType): SchemaElement {
  return { name, ...type, repetition_type: 'OPTIONAL' };
}

/** Text of a category that the model does not know: which one it was is lost in the encoding. */
export const UNSEEN = '(unseen)';

const TAKEN = new Set(FIXED_COLUMNS.map(({ name }) => name));

/** The column of a feature: one with the name of a fixed column is called `feature_<name>`. */
export function featureColumn(name: string): string {
  return TAKEN.has(name.toLowerCase()) ? `feature_${name}` : name;
}

/**
 * All columns of a segment. In a number NaN says missing: without nulls it is written straight from a typed array. Who reads
 * segments turns it into null (relation.ts), so the file of a day has none.
 */
export function segmentColumns({ features }: Encoding): SchemaElement[] {
  return [
    ...FIXED_COLUMNS,
    ...features.map(({ name, type }) =>
      type === 'number'
        ? required(featureColumn(name), { type: 'FLOAT' })
        : optional(featureColumn(name), TEXT),
    ),
  ];
}
