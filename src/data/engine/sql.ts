/** A value that may be bound to a statement. Arrays of numbers are bound as lists of doubles. */
export type SqlValue = string | number | bigint | boolean | null | readonly number[] | readonly string[];

type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'identifier'; name: string }
  | { kind: 'value'; value: SqlValue };

/** A statement, or a part of one, that no engine has rendered yet. */
export class Sql {
  constructor(readonly pieces: readonly Piece[]) {}
}

/** How one engine writes identifiers and parameters. */
export interface SqlWriting {
  quoteIdentifier(name: string): string;
  /** The placeholder of the parameter at `position` (from 1). */
  placeholder(position: number, value: SqlValue): string;
}

/**
 * Builds a statement. Every `${}` is a value that becomes a parameter, or another Sql that is spliced in;
 * names of tables and columns go through `identifier`. Text never comes from outside the program, except through `raw`.
 */
export function sql(texts: TemplateStringsArray, ...parts: (SqlValue | Sql)[]): Sql {
  const pieces: Piece[] = [];
  texts.forEach((text, i) => {
    if (text !== '') {
      pieces.push({ kind: 'text', text });
    }
    if (i < parts.length) {
      const part = parts[i];
      pieces.push(...(part instanceof Sql ? part.pieces : [{ kind: 'value', value: part } as const]));
    }
  });
  return new Sql(pieces);
}

/** A table or column name; the engine quotes it. */
export function identifier(name: string): Sql {
  return new Sql([{ kind: 'identifier', name }]);
}

/** SQL text as it stands: expressions that the owner of the configuration wrote, and fixed words. Never user input. */
export function raw(text: string): Sql {
  return new Sql([{ kind: 'text', text }]);
}

/** Parts one after another with `separator` between them. */
export function join(parts: readonly Sql[], separator = ', '): Sql {
  return new Sql(
    parts.flatMap((part, i) =>
      i === 0 ? part.pieces : [{ kind: 'text', text: separator } as const, ...part.pieces],
    ),
  );
}

/** A list of quoted names. */
export function identifiers(names: readonly string[]): Sql {
  return join(names.map(identifier));
}

/** The text and the parameters, in order, as one engine wants them. */
export function render(statement: Sql, writing: SqlWriting): { text: string; values: SqlValue[] } {
  const values: SqlValue[] = [];
  const text = statement.pieces
    .map((piece) => {
      switch (piece.kind) {
        case 'text':
          return piece.text;
        case 'identifier':
          return writing.quoteIdentifier(piece.name);
        case 'value':
          values.push(piece.value);
          return writing.placeholder(values.length, piece.value);
      }
    })
    .join('');
  return { text, values };
}
