import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import type { ColumnFacts, ColumnKind } from './facts.js';
import { TIME_FORMATS, type TimeFormat } from './time-formats.js';

/** A column with at most so many values has them listed. */
export const FEW_VALUES = 60;

/** Up to so many rows different values are counted exactly. */
const EXACT_ROWS = 2_000_000;

/** Rows on which time formats are tried. */
const TRIED_ROWS = 10_000;

const KINDS: [RegExp, ColumnKind][] = [
  [/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/, 'number'],
  [/^(VARCHAR|UUID|ENUM.*)$/, 'text'],
  [/^BOOLEAN$/, 'boolean'],
  [/^DATE$/, 'date'],
  [/^TIMESTAMP/, 'time'],
];

/** Counts the rows and columns of a relation. */
export async function countColumns(
  engine: Engine,
  relation: Sql,
): Promise<{ rows: number; columns: ColumnFacts[] }> {
  const described = await engine.describe(sql`SELECT * FROM ${relation} AS file`);
  const kinds = described.map(({ type }) => KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'other');
  const [{ rows }] = await engine.rows<{ rows: number }>(
    sql`SELECT count(*) AS rows FROM ${relation} AS file`,
  );
  if (rows === 0) {
    return { rows, columns: [] };
  }
  const counts = described.map(({ name }, i) => countsOf(identifier(name), kinds[i], rows <= EXACT_ROWS, i));
  const [whole] = await engine.rows<Record<string, number & string>>(
    sql`SELECT ${join(counts)} FROM ${relation} AS file`,
  );
  const formats = await countFormats(
    engine,
    relation,
    described.map(({ name }) => name),
    kinds,
  );
  const columns = described.map(
    ({ name, type }, i): ColumnFacts => ({
      name,
      type,
      kind: kinds[i],
      filled: whole[`filled_${i}`],
      distinct: whole[`distinct_${i}`],
      min: whole[`min_${i}`],
      max: whole[`max_${i}`],
      whole: whole[`whole_${i}`],
      negative: whole[`negative_${i}`],
      emails: whole[`emails_${i}`],
      ...formats[i],
      values: [],
    }),
  );
  await listValues(engine, relation, columns);
  return { rows, columns };
}

function countsOf(column: Sql, kind: ColumnKind, exact: boolean, i: number): Sql {
  const number = kind === 'number';
  const when = (holds: boolean, condition: Sql) =>
    holds ? sql`count(CASE WHEN ${condition} THEN 1 END)` : raw('0');
  const distinct = exact ? sql`count(DISTINCT ${column})` : sql`approx_count_distinct(${column})`;
  const named: [string, Sql][] = [
    ['filled', sql`count(${column})`],
    ['distinct', kind === 'other' ? raw('0') : distinct],
    ['min', kind === 'other' ? raw('NULL') : sql`CAST(min(${column}) AS STRING)`],
    ['max', kind === 'other' ? raw('NULL') : sql`CAST(max(${column}) AS STRING)`],
    ['whole', when(number, sql`${column} = floor(${column})`)],
    ['negative', when(number, sql`${column} < 0`)],
    ['emails', when(kind === 'text', sql`CAST(${column} AS STRING) LIKE '%_@_%'`)],
  ];
  return join(named.map(([name, value]) => sql`${value} AS ${identifier(`${name}_${i}`)}`));
}

async function countFormats(
  engine: Engine,
  relation: Sql,
  names: readonly string[],
  kinds: readonly ColumnKind[],
): Promise<{ formats: Record<string, number>; formatsOf: number }[]> {
  const tried = names.flatMap((name, i) =>
    TIME_FORMATS.filter(({ of }) => of === kinds[i]).map((format) => ({
      i,
      format,
      read: readBy(format, name),
    })),
  );
  const some = raw(String(TRIED_ROWS));
  const [counts] = await engine.rows<Record<string, number>>(
    sql`SELECT ${join([
      ...names.map((name, i) => sql`count(${identifier(name)}) AS ${identifier(`of_${i}`)}`),
      ...tried.map(({ i, format, read }) => sql`count(${read}) AS ${identifier(`${format.id}_${i}`)}`),
    ])} FROM (SELECT * FROM ${relation} AS file LIMIT ${some}) AS first_rows`,
  );
  return names.map((_, i) => ({
    formatsOf: counts[`of_${i}`],
    formats: Object.fromEntries(
      tried.filter((item) => item.i === i).map(({ format }) => [format.id, counts[`${format.id}_${i}`]]),
    ),
  }));
}

/** An expression that is not null where a format reads the value. */
function readBy({ expression, applies }: TimeFormat, name: string): Sql {
  const column = `"${name.replaceAll('"', '""')}"`;
  const read = expression === null ? `TRY_CAST(${column} AS TIMESTAMPTZ)` : expression(column, true);
  return raw(`CASE WHEN ${applies(column)} THEN ${read} END`);
}

async function listValues(engine: Engine, relation: Sql, columns: ColumnFacts[]): Promise<void> {
  const few = columns.filter(
    ({ kind, distinct }) => kind !== 'other' && distinct > 0 && distinct <= FEW_VALUES,
  );
  if (few.length === 0) {
    return;
  }
  const listed = await engine.rows<{ column: number; value: string; rows: number }>(
    join(
      few.map(({ name }, i) => {
        const column = identifier(name);
        return sql`SELECT ${raw(String(i))} AS "column", CAST(${column} AS STRING) AS value, count(*) AS rows
          FROM ${relation} AS file WHERE ${column} IS NOT NULL GROUP BY ${column}`;
      }),
      ' UNION ALL ',
    ),
  );
  few.forEach((column, i) => {
    column.values = listed
      .filter((item) => item.column === i)
      .map(({ value, rows }) => ({ value, rows }))
      .sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1));
  });
}
