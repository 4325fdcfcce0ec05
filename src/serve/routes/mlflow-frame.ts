import type { Encoding } from '../../model/encode.js';
import type { ColumnValues } from '../predict.js';
import { refuse } from './check.js';
import { listOf, objectOf } from './oip-body.js';

/** Rows of a request by column. */
export interface Columns {
  rows: number;
  columns: Record<string, ColumnValues>;
}

/** Rows of a request one by one. */
export interface Records {
  records: Record<string, unknown>[];
}

/** A request's rows, and where they stand in it, for errors. */
export type Frame = (Columns | Records) & { place: string };

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

/**
 * Rows in MLflow's JSON: exactly one of dataframe_split {columns, data}, dataframe_records [{}], instances (rows as objects,
 * or as lists in the order of the model's features) and inputs (columns by name, or rows as lists).
 * @throws InvalidRows (400)
 */
export function frameOf(document: unknown, encoding: Encoding): Frame {
  const sent = objectOf(document, 'the body');
  const forms = FORMS.filter((form) => sent[form] !== undefined);
  if (forms.length !== 1) {
    refuse(
      'the body',
      `exactly one of ${FORMS.join(', ')}`,
      forms.length === 0 ? undefined : forms.join(', '),
    );
  }
  if (sent.params != null) {
    objectOf(sent.params, 'params');
  }
  const [form] = forms;
  const value = sent[form];
  switch (form) {
    case 'dataframe_split':
      return { ...ofSplit(objectOf(value, form)), place: form };
    case 'dataframe_records':
      return { records: listOf(value, form).map((row, i) => objectOf(row, `${form}[${i}]`)), place: form };
    case 'instances':
      return { ...ofRows(listOf(value, form), encoding, form), place: form };
    case 'inputs':
      return { ...(Array.isArray(value) ? ofRows(value, encoding, form) : ofColumns(value)), place: form };
  }
}

function ofSplit({ columns, data }: Record<string, unknown>): Columns {
  const names = listOf(columns, 'dataframe_split.columns').map((name, index) => {
    if (typeof name !== 'string') {
      refuse(`dataframe_split.columns[${index}]`, 'a name', name);
    }
    return name;
  });
  return transposed(names, listOf(data, 'dataframe_split.data'), 'dataframe_split.data');
}

function ofRows(rows: unknown[], encoding: Encoding, place: string): Columns | Records {
  if (!Array.isArray(rows[0])) {
    return { records: rows.map((row, index) => objectOf(row, `${place}[${index}]`)) };
  }
  return transposed(
    encoding.features.map((feature) => feature.name),
    rows,
    place,
  );
}

function ofColumns(value: unknown): Columns {
  const columns = Object.entries(objectOf(value, 'inputs')).map(
    ([name, values]) => [name, listOf(values, `inputs.${name}`)] as const,
  );
  return {
    // Shorter ones are named as wrong by the model's check.
    rows: columns.reduce((most, [, values]) => Math.max(most, values.length), 0),
    columns: withoutPrototype(columns),
  };
}

function transposed(names: string[], rows: unknown[], place: string): Columns {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    refuse('columns', 'each column once', `${twice} twice`);
  }
  const lists = rows.map((row, index) => {
    const values = listOf(row, `${place}[${index}]`);
    if (values.length !== names.length) {
      refuse(`${place}[${index}]`, `${names.length} values, one per column`, values.length);
    }
    return values;
  });
  return {
    rows: rows.length,
    columns: withoutPrototype(names.map((name, column) => [name, lists.map((row) => row[column])])),
  };
}

/** A caller's names may be any, also `__proto__`. */
function withoutPrototype(entries: (readonly [string, unknown[]])[]): Record<string, unknown[]> {
  const object: Record<string, unknown[]> = Object.create(null);
  for (const [name, values] of entries) {
    object[name] = values;
  }
  return object;
}
