import { columnOf, type Expression } from './expression.js';
import type { ColumnFacts, FileFacts, StaticFacts } from './facts.js';
import type { Reasoned } from './proposal.js';
import { count, percent } from './text.js';
import { timeFormatsOf } from './time-formats.js';
import { means, nameFor } from './words.js';

/** More different texts than these are names. */
const MOST_CATEGORIES = 50;
/** A column must have a value for this share of the users. */
const SHARE_FILLED = 0.05;
/** Association with who is gone at the end (Cramér's V) beyond which a column may have been written afterwards. */
export const TOO_TELLING = 0.5;

export interface StaticColumn {
  name: string;
  column: string;
  as: Reasoned<Expression>;
}

/** Columns of users that a model may see, and why the others are left out. */
export function proposeStatics(
  file: FileFacts,
  used: readonly string[],
): { columns: StaticColumn[]; leftOut: { column: string; because: string }[] } {
  const columns: StaticColumn[] = [];
  const leftOut: { column: string; because: string }[] = [];
  for (const column of file.columns.filter(({ name }) => !used.includes(name))) {
    const because = whyNot(file, column);
    if (because === null) {
      columns.push(staticColumn(column));
    } else {
      leftOut.push({ column: column.name, because });
    }
  }
  return { columns, leftOut };
}

function staticColumn(column: ColumnFacts): StaticColumn {
  const { name, distinct, kind, min, max, values } = column;
  const because =
    kind === 'number' && values.length === 0
      ? `a number from ${min} to ${max}`
      : `${distinct} values${kind === 'number' ? `, ${min} to ${max}` : ''}`;
  return {
    name: nameFor(name),
    column: name,
    as: { value: columnOf(name), because, confidence: 'medium', alternatives: [] },
  };
}

/** Why a column is no feature; null: it is one. */
function whyNot(file: FileFacts, column: ColumnFacts): string | null {
  const { name, kind, filled, distinct, emails, values } = column;
  if (filled < SHARE_FILLED * file.rows) {
    return filled === 0 ? 'it is empty' : `only ${percent(filled / file.rows)} of the users have a value`;
  }
  if (distinct === 1) {
    return `it is always ${column.min}`;
  }
  if (means(name, 'end') || means(name, 'outcome')) {
    return 'its name speaks of how it ended: a model that sees it learns what is not known yet';
  }
  if (timeFormatsOf(column).length > 0) {
    return 'a date: days since it change, the date itself does not repeat';
  }
  if (emails > 0.5 * filled || (means(name, 'personal') && values.length === 0)) {
    return 'names, addresses and contacts are personal and do not repeat';
  }
  switch (kind) {
    case 'boolean':
      return null;
    case 'text':
      return distinct > MOST_CATEGORIES || distinct > 0.5 * file.rows
        ? `text with ${count(distinct)} different values: too many to learn from`
        : null;
    case 'number':
      return means(name, 'id') && values.length === 0 ? 'a number that names something' : null;
    default:
      return 'of a type that is no category and no number';
  }
}

/**
 * How far a column tells who is gone: Cramér's V of its values against being gone, from 0 to 1 (Cramér 1946). Null when
 * everybody is on one side or there is one value.
 */
export function cramersV({ values }: StaticFacts): number | null {
  const users = sum(values.map((value) => value.users));
  const gone = sum(values.map((value) => value.gone));
  if (values.length < 2 || gone === 0 || gone === users) {
    return null;
  }
  const chiSquared = sum(
    values.map((value) => {
      const expected = (value.users * gone) / users;
      const other = value.users - expected;
      return (value.gone - expected) ** 2 / expected + (value.gone - expected) ** 2 / other;
    }),
  );
  return Math.sqrt(chiSquared / users);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Takes out what tells too well who is gone. */
export function withoutTelling(
  columns: readonly StaticColumn[],
  facts: readonly StaticFacts[],
): { columns: StaticColumn[]; leftOut: { column: string; because: string }[] } {
  const telling = new Map(
    facts.flatMap((fact) => {
      const v = cramersV(fact);
      return v !== null && v > TOO_TELLING ? [[fact.column, v] as const] : [];
    }),
  );
  return {
    columns: columns.filter(({ column }) => !telling.has(column)),
    leftOut: [...telling].map(([column, v]) => ({
      column,
      because: `it tells who is gone at the end of the data (Cramér's V ${v.toFixed(2)}): was it written afterwards?`,
    })),
  };
}
