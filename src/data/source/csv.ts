import type { SourceConfig } from '../../config/schema.js';
import { ChurnError } from '../../error.js';
import { type CsvFormat, GUESSED_ROWS, type Reading } from '../engine/dialect.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../engine/sql.js';
import { exactColumns, fits, type TypedColumn } from './exact.js';
import type { TextFiles } from './text.js';

type GivenType = SourceConfig['csv']['types'][string];

/** The engine's types of those that a configuration may give. Times stay text: an offset is read with the zone. */
const ENGINE_TYPES: Record<GivenType, string> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'VARCHAR',
};

/**
 * Writes CSV files to a Parquet file. Types are guessed from the first rows and kept when every value fits in them exactly:
 * first with ids as whole numbers where they look so, then with ids as text. Else they are taken from all rows.
 */
export async function keepCsv(engine: Engine, files: TextFiles, target: string): Promise<void> {
  const csv = await formatOf(engine, files);
  const read = (reading: Reading) =>
    sql`${engine.dialect.readFiles(files.path, 'csv', { csv, ...reading })} AS files`;
  const describe = (reading: Reading) => engine.describe(sql`SELECT * FROM ${read(reading)}`);
  const guessed = await describe({ sampled: true });
  const asTexts = mayHaveNamedFolders(files) ? await describe({ texts: true }) : guessed.map(asText);
  refuseOneColumn(files, guessed);
  const given = givenTypes(files, guessed);
  const store = (query: Sql) => engine.keep(query, target);
  const ids = files.ids.filter((name) => !(name in files.csv.types));
  const attempt = async (types: Record<string, string>) => {
    const columns = guessed.map(({ name, type }) => ({ name, type: types[name] ?? type }));
    const numbers = readNumbers(asTexts, guessed, columns, ids);
    const there = asTexts.map(({ name, type }) => ({ name, type: numbers[name] ?? type }));
    const exact = exactColumns(engine, there, columns, ids);
    return fits(() => store(sql`SELECT ${exact} FROM ${read({ texts: true, types: numbers })}`));
  };
  const whole = guessed.filter(({ name, type }) => ids.includes(name) && type === 'BIGINT');
  const wholeTypes = Object.fromEntries(whole.map(({ name, type }) => [name, type]));
  const kept = (whole.length > 0 && (await attempt({ ...given, ...wholeTypes }))) || (await attempt(given));
  const texts = guessed.filter(({ name, type }) => type === 'VARCHAR' && given[name] === undefined);
  if (kept && !(await someBeganEmpty(engine, target, texts))) {
    return;
  }
  const all = await describe({ types: given });
  const types = { ...given, ...(await timesAsText(engine, all, read({ texts: true }))) };
  await store(sql`SELECT * FROM ${read({ types })}`);
}

/** Whether a column without a value in the first rows, which is taken for one of texts, has one later. */
async function someBeganEmpty(
  engine: Engine,
  target: string,
  texts: readonly TypedColumn[],
): Promise<boolean> {
  if (texts.length === 0) {
    return false;
  }
  const counts = join(texts.map(({ name }, i) => sql`count(${identifier(name)}) AS ${identifier(`n${i}`)}`));
  const filled = async (relation: Sql) => {
    const [found] = await engine.rows<Record<string, number>>(sql`SELECT ${counts} FROM ${relation} AS kept`);
    return texts.map((_, i) => found[`n${i}`] > 0);
  };
  const table = engine.dialect.readFiles(target, 'parquet');
  const atFirst = await filled(sql`(SELECT * FROM ${table} LIMIT ${raw(String(GUESSED_ROWS))})`);
  if (atFirst.every(Boolean)) {
    return false;
  }
  const later = await filled(table);
  return later.some((isFilled, i) => isFilled && !atFirst[i]);
}

/** Whether folders may be named as a column and its value are, year=2026: among columns of texts theirs are those that are none. */
const mayHaveNamedFolders = ({ path }: TextFiles) => /[=*?[]/.test(path);

const asText = ({ name }: TypedColumn): TypedColumn => ({ name, type: 'VARCHAR' });

/** @throws config.invalid for more names than columns */
async function formatOf(engine: Engine, { path, csv, key }: TextFiles): Promise<CsvFormat> {
  const format = {
    delimiter: csv.delimiter === 'auto' ? null : csv.delimiter === 'whitespace' ? '\t' : csv.delimiter,
    header: csv.header,
    quote: csv.quote,
    names: [],
  };
  if (csv.names.length === 0) {
    return format;
  }
  const unnamed = await engine.describe(
    sql`SELECT * FROM ${engine.dialect.readFiles(path, 'csv', { csv: format, sampled: true })} AS files`,
  );
  if (csv.names.length > unnamed.length) {
    throw new ChurnError('config.invalid', {
      expected: `at most ${unnamed.length} names in ${key}.csv.names, one for each column of ${path}`,
      came: `${csv.names.length}`,
      fix: 'leave some out, or correct csv.delimiter',
    });
  }
  return { ...format, names: csv.names };
}

/** A delimiter in the only name is one that the rows do not agree with. @throws input.unreadable */
function refuseOneColumn({ csv, path, key }: TextFiles, columns: readonly TypedColumn[]): void {
  if (csv.delimiter === 'auto' && csv.header && columns.length === 1 && /[,;\t|]/.test(columns[0].name)) {
    throw new ChurnError('input.unreadable', {
      expected: `rows of as many cells as the header of ${path} has`,
      came: `the header ${columns[0].name.split('\n')[0]}, and rows with more or fewer cells`,
      fix:
        key === null
          ? 'correct the file'
          : `correct the file, or set ${key}.csv.delimiter to see the first such line`,
    });
  }
}

/** Ids are text, and declared columns what they are declared as. @throws data.column_missing for one that is not there */
function givenTypes(
  { csv, ids, key, path }: TextFiles,
  there: readonly TypedColumn[],
): Record<string, string> {
  const has = (name: string) => there.some((column) => column.name === name);
  const absent = Object.keys(csv.types).find((name) => !has(name));
  if (absent !== undefined) {
    throw new ChurnError('data.column_missing', {
      expected: `a column "${absent}" in ${path} (${key}.csv.types)`,
      came: `the columns ${there.map(({ name }) => name).join(', ')}`,
    });
  }
  return {
    ...Object.fromEntries(ids.filter(has).map((name) => [name, 'VARCHAR'])),
    ...Object.fromEntries(Object.entries(csv.types).map(([name, type]) => [name, ENGINE_TYPES[type]])),
  };
}

/**
 * The columns that the reader itself reads as doubles, which is faster than a cast of texts: it loses no more than the cast and
 * refuses the same. Of whole numbers it is proved that they are; an id is proved by its text. To give the reader a type for the name
 * of a folder breaks the engine.
 */
function readNumbers(
  asTexts: readonly TypedColumn[],
  guessed: readonly TypedColumn[],
  wanted: readonly TypedColumn[],
  ids: readonly string[],
): Record<string, string> {
  const texts = new Set(asTexts.filter(({ type }) => type === 'VARCHAR').map(({ name }) => name));
  const numbers = wanted.filter(
    ({ name, type }, i) =>
      texts.has(name) &&
      type === guessed[i].type &&
      (type === 'DOUBLE' || (type === 'BIGINT' && !ids.includes(name))),
  );
  return Object.fromEntries(numbers.map(({ name }) => [name, 'DOUBLE']));
}

/** Columns of times, some of which have an offset: as a TIMESTAMP they would lose it. */
async function timesAsText(
  engine: Engine,
  columns: readonly TypedColumn[],
  texts: Sql,
): Promise<Record<string, string>> {
  const times = columns.filter(({ type }) => type.startsWith('TIMESTAMP')).map(({ name }) => name);
  if (times.length === 0) {
    return {};
  }
  const odd = times.map((name, i) => {
    const text = identifier(name);
    return sql`count(*) FILTER (WHERE ${text} IS NOT NULL AND ${engine.dialect.utcTime(text, 'VARCHAR', true)} IS NULL) AS ${raw(`odd${i}`)}`;
  });
  const [counts] = await engine.rows<Record<string, number>>(sql`SELECT ${join(odd)} FROM ${texts}`);
  return Object.fromEntries(times.filter((_, i) => counts[`odd${i}`] === 0).map((name) => [name, 'VARCHAR']));
}
