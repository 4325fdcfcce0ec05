import { columnOf, type Expression, express } from './expression.js';
import type { ColumnFacts, FileFacts } from './facts.js';
import type { Reasoned } from './proposal.js';
import { shown } from './text.js';
import { means, wordsOf } from './words.js';

/** Types that are counted one by one need a name for each; more are a catalogue. */
const MOST_TYPES = 50;

/** What kind of thing an event is: a column of few texts, or the same for all. */
export function readEventType(file: FileFacts, user: ColumnFacts): Reasoned<Expression> {
  const candidates = file.columns
    .filter(({ name, kind, distinct, filled, values }) => {
      const few = distinct > 1 && distinct <= MOST_TYPES && values.length > 0;
      return kind === 'text' && few && name !== user.name && filled === file.rows && means(name, 'type');
    })
    .sort((a, b) => typeScore(b.name) - typeScore(a.name) || a.distinct - b.distinct);
  if (candidates.length > 0) {
    const [column, ...others] = candidates;
    return {
      value: columnOf(column.name),
      because: `text with ${column.distinct} values: ${shown(column.values.map(({ value }) => value))}`,
      confidence: others.length === 0 ? 'high' : 'medium',
      alternatives: others.map(({ name, distinct }) => ({ value: name, because: `${distinct} values` })),
    };
  }
  const bought = file.columns.some(
    ({ name, kind }) => kind === 'number' && (means(name, 'money') || means(name, 'price')),
  );
  const constant = bought ? 'purchase' : 'activity';
  const few = file.columns.filter(
    ({ name, kind, distinct, values }) =>
      kind === 'text' && name !== user.name && distinct > 1 && distinct <= MOST_TYPES && values.length > 0,
  );
  return {
    value: express([], () => `'${constant}'`),
    because: `no column with few values has a name of a type; every row is one ${constant}`,
    confidence: few.length === 0 ? 'high' : 'medium',
    alternatives: few.map(({ name, distinct }) => ({ value: name, because: `text with ${distinct} values` })),
  };
}

function typeScore(name: string): number {
  const words = wordsOf(name);
  return (
    (words.includes('event') ? 2 : 0) + (words.includes('type') ? 2 : 0) + (words.includes('action') ? 1 : 0)
  );
}
