import { ChurnError, messageOf } from '../../error.js';
import { TABLE_NAMES, TRANSFER_TABLES, type TransferTable } from './tables.js';

export type Row = Record<string, string | number | null>;

/** One line of an export. */
export type Line =
  | { kind: 'header' }
  | { kind: 'row'; table: TransferTable; row: Row }
  | { kind: 'end'; counts: Record<string, number> };

/**
 * Reads a line and checks every value in it.
 * @param schema the number that the rows must have been written with
 * @throws data.invalid, history.newer
 */
export function readLine(text: string, number: number, schema: number): Line {
  const document = parsed(text, number);
  const [name] = Object.keys(document);
  const value = document[name];
  if (Object.keys(document).length !== 1 || !isMap(value)) {
    throw wrongLine(number, excerpt(text));
  }
  if (name === 'churn_history') {
    expectSchema(value, schema, number);
    return { kind: 'header' };
  }
  if (name === 'end') {
    return { kind: 'end', counts: value as Record<string, number> };
  }
  const table = TABLE_NAMES.find((one) => one === name);
  if (table === undefined) {
    throw wrongLine(number, excerpt(text));
  }
  return { kind: 'row', table, row: expectRow(table, value, number) };
}

function parsed(text: string, number: number): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    if (isMap(document)) {
      return document;
    }
  } catch (error) {
    throw wrongLine(number, messageOf(error));
  }
  throw wrongLine(number, excerpt(text));
}

function expectSchema(header: Record<string, unknown>, schema: number, number: number): void {
  if (!Number.isInteger(header.schema)) {
    throw wrongLine(number, 'a header without the number of the schema');
  }
  const found = header.schema as number;
  if (found !== schema) {
    throw new ChurnError(found > schema ? 'history.newer' : 'data.invalid', {
      expected: `an export of schema ${schema}`,
      came: `schema ${found}, written by ${String(header.program).slice(0, 80)}`,
      fix: found > schema ? 'use that program or a newer one' : 'migrate that history, then export it again',
    });
  }
}

function expectRow(table: TransferTable, value: Record<string, unknown>, number: number): Row {
  const columns = Object.entries(TRANSFER_TABLES[table].columns);
  const wrong = columns.find(([name, type]) => !fits(value[name], type));
  if (wrong) {
    throw wrongLine(number, `${table}.${wrong[0]} that is no ${wrong[1]}`);
  }
  if (Object.keys(value).length !== columns.length) {
    throw wrongLine(number, `a row of ${table} with columns of another name`);
  }
  return value as Row;
}

function fits(value: unknown, type: string): boolean {
  if (value === null) {
    return type.endsWith('or null');
  }
  return type.startsWith('text')
    ? typeof value === 'string' && !value.includes('\0')
    : Number.isSafeInteger(value);
}

/** What is wrong with a line of the file. */
export function wrongLine(number: number, came: string): ChurnError {
  return new ChurnError('data.invalid', {
    expected: `a line of \`churn-mlops history export\` (line ${number})`,
    came,
    fix: 'nothing was imported; export again',
  });
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const excerpt = (text: string) => JSON.stringify(text.slice(0, 80));
