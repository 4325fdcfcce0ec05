import { quoted } from './words.js';

/** An expression over a file's columns. */
export interface Expression {
  sql: string;
  /** As the configuration has it: a column's name, or SQL. */
  written: string | { sql: string };
  /** The columns that it reads. */
  of: string[];
}

/** A column as it is. */
export function columnOf(name: string): Expression {
  return { sql: quoted(name), written: name, of: [name] };
}

/** SQL over some columns; `write` gets each in quotes where it needs them. */
export function express(names: readonly string[], write: (...columns: string[]) => string): Expression {
  const sql = write(...names.map(quoted));
  return { sql, written: { sql }, of: [...names] };
}
