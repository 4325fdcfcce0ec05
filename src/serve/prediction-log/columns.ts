import type { SchemaElement } from 'hyparquet-writer';
import type { Encoding } from '../../model/encode.js';

/** A column without its name, as the format calls it: numbers, microseconds and days since 1970, texts. */
type ColumnType = Pick<SchemaElement, 'type' | 'converted_type'>;

const TEXT: ColumnType = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };

/** Columns of the log that stand before the features. */
export const FIXED_COLUMNS: readonly SchemaElement[] = [
  optional('time', { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' }),
  optional('request_id', TEXT),
  optional('user_id', TEXT),
  optional('snapshot_date', { type: 'INT32', converted_type: 'DATE' }),
  optional('model_version', TEXT),
  optional('arm', TEXT),
  optional('churn_risk', { type: 'DOUBLE' }),
];

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

/** All columns of a segment. */
export function segmentColumns({ features }: Encoding): SchemaElement[] {
  return [
    ...FIXED_COLUMNS,
    ...features.map(({ name, type }) =>
      optional(featureColumn(name), type === 'number' ? { type: 'FLOAT' } : TEXT),
    ),
  ];
}
