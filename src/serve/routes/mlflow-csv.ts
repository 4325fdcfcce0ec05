import type { Encoding } from '../../model/encode.js';
import { HttpProblem } from '../problem.js';
import type { Columns } from './mlflow-frame.js';

/**
 * A CSV with a line of names as columns: for a feature that is a number, numbers, true and false (as pandas writes them),
 * and the words by which pandas says missing; for anything else text, of which only the empty one is missing ("NA" is a country).
 * @throws HttpProblem 400 naming the line
 */
export function columnsOfCsv(text: string, encoding: Encoding): Columns {
  const [names, ...lines] = recordsOf(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (names === undefined) {
    throw new HttpProblem('http.invalid', 'expected a line with the names of the columns; got nothing');
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new HttpProblem('http.invalid', `expected each column once; got "${twice.slice(0, 80)}" twice`);
  }
  lines.forEach((line, index) => {
    if (line.length !== names.length) {
      throw new HttpProblem(
        'http.invalid',
        `expected ${names.length} values in row ${index + 1}; got ${line.length}`,
      );
    }
  });
  const numbers = new Set(encoding.features.filter(({ type }) => type === 'number').map(({ name }) => name));
  const columns: Columns['columns'] = Object.create(null);
  names.forEach((name, column) => {
    const read = numbers.has(name) ? numberOf : (value: string) => (value === '' ? null : value);
    columns[name] = lines.map((line) => read(line[column]));
  });
  return { rows: lines.length, columns };
}

/** What pandas reads as missing. */
const MISSING = new Set(
  ',na,n/a,#n/a,#n/a n/a,#na,nan,-nan,null,none,<na>,1.#ind,-1.#ind,1.#qnan,-1.#qnan'.split(','),
);

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/;

/** The text itself where it is no number: the model's check then names it. */
function numberOf(value: string): unknown {
  const text = value.trim().toLowerCase();
  if (MISSING.has(text)) {
    return null;
  }
  return NUMBER.test(text) ? Number(text) : text === 'true' || text === 'false' ? text === 'true' : value;
}

/** RFC 4180: quoted values may hold commas, line ends and doubled quotes. Blank lines are skipped. */
function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { value, end } = text[at] === '"' ? quoted(text, at) : plain(text, at);
    record.push(value);
    const lineEnds = text[end] !== ',';
    if (lineEnds) {
      const blank = record.length === 1 && end === at;
      if (!blank) {
        records.push(record);
      }
      record = [];
    }
    at = text.startsWith('\r\n', end) ? end + 2 : end + 1;
    if (!lineEnds && at === text.length) {
      records.push([...record, '']);
    }
  }
  return records;
}

const VALUE_END = /[,\r\n]/g;

function plain(text: string, start: number): { value: string; end: number } {
  VALUE_END.lastIndex = start;
  const end = VALUE_END.exec(text)?.index ?? text.length;
  return { value: text.slice(start, end), end };
}

function quoted(text: string, start: number): { value: string; end: number } {
  let close = text.indexOf('"', start + 1);
  while (close !== -1 && text[close + 1] === '"') {
    close = text.indexOf('"', close + 2);
  }
  const end = close + 1;
  if (close === -1 || (end < text.length && !',\r\n'.includes(text[end]))) {
    throw new HttpProblem(
      'http.invalid',
      `expected a quoted value to end before a comma or line end; got ${JSON.stringify(text.slice(start, start + 40))}`,
    );
  }
  return { value: text.slice(start + 1, close).replaceAll('""', '"'), end };
}
