import { type Expression, express } from './expression.js';
import type { ColumnFacts, FileFacts, TypeFacts } from './facts.js';
import type { Reasoned } from './proposal.js';
import { count, percent } from './text.js';
import { timeFormatsOf } from './time-formats.js';
import { means, slug } from './words.js';

/** A daily column and the rolling one over it. */
export interface DailyColumn {
  daily: string;
  aggregate: Reasoned<Record<string, unknown>>;
  rolling: string;
  over: Record<string, string>;
  /** Worth watching for drift; the first few are. */
  watch: boolean;
}

export interface DailyColumns {
  columns: DailyColumn[];
  /** Columns of the events that are made for them. */
  made: { name: string; as: Reasoned<Expression> }[];
  leftOut: { column: string; because: string }[];
}

/** Event types that are counted one by one, if each is this share of the events. */
const MOST_TYPES = 12;
const SMALLEST_SHARE = 0.005;

/** A column of numbers that has values in one type only, up to this share. */
const OTHER_TYPES = 0.01;

/** Names that the pipeline makes itself. */
const TAKEN = ['user_id', 'as_of_date', 'total_events', 'is_active_day', 'days_since_signup', 'signup_date'];

/** The number columns of the log that may be added up or averaged. */
export function numberColumns(file: FileFacts, used: readonly string[]): ColumnFacts[] {
  return file.columns.filter(
    (column) =>
      column.kind === 'number' &&
      !used.includes(column.name) &&
      column.filled > 0 &&
      column.distinct > 1 &&
      !means(column.name, 'id') &&
      (!means(column.name, 'time') || means(column.name, 'sum')) &&
      timeFormatsOf(column).length === 0,
  );
}

/** What is aggregated by user and day, and why; `used` are the columns that are the user, time, type or id. */
export function proposeDaily(
  file: FileFacts,
  types: readonly TypeFacts[],
  used: readonly string[],
): DailyColumns {
  const names = nameGiver();
  const numbers = numberColumns(file, used);
  const made = revenueOf(file, numbers);
  const columns = [
    ...countsOfTypes(types, names),
    ...made.map(({ name }) => sumOf(name, 'all', names, `${name} by day`, 'high')),
    ...numbers.map((column) => aggregateOf(column, types, names)),
    ...distinctOf(file, used, names),
  ];
  const taken = new Set([
    ...used,
    ...columns.flatMap(({ aggregate: { value } }) => Object.values(value).map(String)),
  ]);
  const leftOut = file.columns.filter(({ name }) => !taken.has(name)).map(whyNot);
  return { columns, made, leftOut };
}

function countsOfTypes(types: readonly TypeFacts[], names: NameGiver): DailyColumn[] {
  const all = types.reduce((sum, { rows }) => sum + rows, 0);
  return types.length < 2
    ? []
    : types
        .filter(({ rows }) => rows >= SMALLEST_SHARE * all)
        .slice(0, MOST_TYPES)
        .map(({ type, rows }) =>
          asColumn({
            ...names(slug(type), 'count'),
            aggregate: {
              value: { count: type },
              because: `${count(rows)} events, ${percent(rows / all)}`,
              confidence: 'high',
              alternatives: [],
            },
            over: 'sum',
            watch: true,
          }),
        );
}

function aggregateOf(column: ColumnFacts, types: readonly TypeFacts[], names: NameGiver): DailyColumn {
  const { name, negative, min, max } = column;
  const of = onlyType(name, types);
  const where = of === 'all' ? '' : `; only ${of} has it`;
  if (means(name, 'mean')) {
    return asColumn({
      ...names(slug(name), 'mean'),
      aggregate: {
        value: { mean: name, ...(of === 'all' ? {} : { of }) },
        because: `a level by its name, from ${min} to ${max}: averaged${where}`,
        confidence: 'medium',
        alternatives: [{ value: { sum: name }, because: 'if it adds up' }],
      },
      over: 'mean',
      watch: false,
    });
  }
  const below = negative === 0 ? '' : `; ${count(negative)} rows are below 0: refunds?`;
  return sumOf(
    name,
    of,
    names,
    `a quantity from ${min} to ${max}${where}${below}`,
    means(name, 'sum') ? 'high' : 'medium',
  );
}

function sumOf(
  name: string,
  of: string,
  names: NameGiver,
  because: string,
  confidence: 'high' | 'medium',
): DailyColumn {
  return asColumn({
    ...names(slug(name), 'sum'),
    aggregate: {
      value: { sum: name, ...(of === 'all' ? {} : { of }) },
      because,
      confidence,
      alternatives: [{ value: { mean: name }, because: 'if it is a level, not a quantity' }],
    },
    over: 'sum',
    watch: true,
  });
}

/** The event type that alone has values in a column; all when several have. */
function onlyType(column: string, types: readonly TypeFacts[]): string {
  const counts = types.map(({ type, nonZero }) => ({ type, rows: nonZero[column] ?? 0 }));
  const all = counts.reduce((sum, { rows }) => sum + rows, 0);
  const most = [...counts].sort((a, b) => b.rows - a.rows)[0];
  return types.length > 1 && all > 0 && most.rows >= (1 - OTHER_TYPES) * all ? most.type : 'all';
}

/** Quantity times unit price, where no column is the money already. */
function revenueOf(file: FileFacts, numbers: readonly ColumnFacts[]): DailyColumns['made'] {
  const quantity = numbers.find(({ name }) => means(name, 'quantity'));
  const price = numbers.find(({ name }) => means(name, 'price') && !means(name, 'money'));
  const money = numbers.some(({ name }) => means(name, 'money'));
  const taken = file.columns.some(({ name }) => name.toLowerCase() === 'revenue');
  return quantity && price && !money && !taken
    ? [
        {
          name: 'revenue',
          as: {
            value: express([quantity.name, price.name], (pieces, each) => `${pieces} * ${each}`),
            because: `no column is an amount; ${quantity.name} and ${price.name} make one`,
            confidence: 'medium',
            alternatives: [],
          },
        },
      ]
    : [];
}

/** Things that a user may use several of in a day: at most two columns of ids. */
function distinctOf(file: FileFacts, used: readonly string[], names: NameGiver): DailyColumn[] {
  return file.columns
    .filter(({ name, kind, distinct, filled }) => {
      const isId = (kind === 'text' || kind === 'number') && means(name, 'id');
      return (
        isId && !used.includes(name) && distinct > 10 && filled >= 5 * distinct && !means(name, 'personal')
      );
    })
    .slice(0, 2)
    .map(({ name, distinct }) =>
      asColumn({
        ...names(slug(name), 'distinct'),
        aggregate: {
          value: { distinct: name },
          because: `${count(distinct)} different ids: how many of them in a day`,
          confidence: 'medium',
          alternatives: [],
        },
        over: 'sum',
        watch: false,
      }),
    );
}

function whyNot({ name, kind, distinct, filled, min }: ColumnFacts): { column: string; because: string } {
  if (filled === 0) {
    return { column: name, because: 'it is empty' };
  }
  if (distinct === 1) {
    return { column: name, because: `it is always ${min}` };
  }
  const reasons: Record<ColumnFacts['kind'], string> = {
    text: `text with ${count(distinct)} values that names no type`,
    number: means(name, 'id') ? 'a number that names something' : 'a number that says when',
    boolean: 'true or false, which no daily aggregate reads',
    date: 'a day beside the event time',
    time: 'a time beside the event time',
    other: 'of a nested type',
  };
  return { column: name, because: reasons[kind] };
}

interface Named {
  daily: string;
  rolling: string;
}

type NameGiver = (base: string, what: string) => Named;

/** Free names of a daily column (base_what) and its rolling one (base, or base_what). */
function nameGiver(): NameGiver {
  const daily = new Set(TAKEN);
  const rolling = new Set(['active_days', 'events']);
  const free = (names: Set<string>, wanted: readonly string[]) => {
    const numbered = Array.from({ length: 99 }, (_, i) => `${wanted[wanted.length - 1]}_${i + 2}`);
    const name = [...wanted, ...numbered].find((candidate) => !names.has(candidate)) as string;
    names.add(name);
    return name;
  };
  return (base, what) => {
    const full = `${base}_${what}`;
    return { daily: free(daily, [full]), rolling: free(rolling, what === 'mean' ? [full] : [base, full]) };
  };
}

function asColumn({ over, ...column }: Omit<DailyColumn, 'over'> & { over: string }): DailyColumn {
  return { ...column, over: { [over]: column.daily } };
}
