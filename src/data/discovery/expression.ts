import type { FileFacts } from './facts.js';
import { quoted } from './words.js';

/** An expression over a file's columns. */
export interface Expression {
  /** Over the relation of the file. */
  sql: string;
  /** As the configuration has it: a column's name, or SQL over what the files really hold. */
  written: string | { sql: string };
  of: string[];
}

/** A column as it is. */
export function columnOf(file: FileFacts, name: string): Expression {
  const split = file.split?.[name];
  return { sql: quoted(name), written: split === undefined ? name : { sql: split }, of: [name] };
}

/** SQL over some columns; `write` gets each in quotes. */
export function express(
  file: FileFacts,
  names: readonly string[],
  write: (...columns: string[]) => string,
): Expression {
  return {
    sql: write(...names.map(quoted)),
    written: { sql: write(...names.map((name) => file.split?.[name] ?? quoted(name))) },
    of: [...names],
  };
}

/** The SQL that the configuration has. */
export function writtenSql({ written }: Expression): string {
  return typeof written === 'string' ? quoted(written) : written.sql;
}
