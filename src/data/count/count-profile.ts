import { tableProfile } from '../../monitor/profile/count.js';
import { type NumberCounter, numberCounter } from '../../monitor/profile/number-counter.js';
import type { Bins, CategoricalBins, NumericBins, TableProfile } from '../../monitor/profile/profile.js';
import { type TextCounter, textCounter } from '../../monitor/profile/text-counter.js';
import type { Engine } from '../engine/engine.js';
import { identifier, sql } from '../engine/sql.js';
import { sideBySide } from '../side-by-side.js';
import type { CountedColumn } from './columns.js';
import { countNumbers } from './count-numbers.js';
import { countValues, type Key, type ValueCounts, type ValuesRequest, valueCounts } from './count-values.js';
import { narrowColumns } from './narrow-columns.js';

/** What to count; with `by` a profile for each value of that expression: a number, or a text. */
export interface CountRequest extends ValuesRequest {
  bins: ReadonlyMap<string, Bins>;
  window: TableProfile['window'];
  /** What is counted already, of a relation without a unit. */
  values?: ValueCounts;
}

/** Counters of one key. */
export interface Counters {
  numbers: Map<string, NumberCounter>;
  texts: Map<string, TextCounter>;
}

/**
 * Counts a relation over fixed bins. One scan streams numeric columns to the counters; one groups categories, and whole numbers
 * near each other where rows are independent, by value. Equals profileOfValues on the same rows.
 */
export async function countProfile(engine: Engine, request: CountRequest): Promise<TableProfile> {
  const counted = await countProfiles(engine, { ...request, by: undefined });
  return counted.get(null) as TableProfile;
}

/** The same for each value of `by`, in no order. Without `by`: one profile, of the key null. */
export async function countProfiles(engine: Engine, request: CountRequest): Promise<Map<Key, TableProfile>> {
  const { columns, unit, window, by } = request;
  const counters = new Map<Key, Counters>();
  const countersOf = (key: Key): Counters => {
    let found = counters.get(key);
    if (found === undefined) {
      found = newCounters(request);
      counters.set(key, found);
    }
    return found;
  };
  if (by === undefined) {
    countersOf(null);
  }
  const byValue = await columnsByValue(engine, request);
  const streamed = columns.filter((column) => !byValue.includes(column));
  await sideBySide([
    addValues(engine, { ...request, columns: byValue }, countersOf),
    countNumbers(engine, { ...request, columns: streamed }, countersOf),
  ]);
  const facts = unit === null && columns.length > 0 ? null : await rowsAndUnits(engine, request);
  const profiles = new Map<Key, TableProfile>();
  for (const [key, { numbers, texts }] of counters) {
    const counted = columns.map(({ name }) => (numbers.get(name) ?? texts.get(name))!.profile());
    const { rows, units } = facts?.get(key) ?? { rows: counted[0]?.rows ?? 0, units: 0 };
    profiles.set(key, { ...tableProfile(counted, unit === null ? null : units, window), rows });
  }
  return profiles;
}

/** Columns that are grouped by value, since few values tell all rows of them; numbers only where rows are independent. */
async function columnsByValue(engine: Engine, request: CountRequest): Promise<CountedColumn[]> {
  const { relation, columns, unit, by, values, signal } = request;
  if (values !== undefined) {
    return columns.filter(({ name }) => values.has(name));
  }
  const narrow =
    unit === null && by === undefined ? await narrowColumns(engine, relation, columns, signal) : [];
  return columns.filter((column) => column.kind === 'categorical' || narrow.includes(column));
}

async function addValues(
  engine: Engine,
  { values, ...request }: CountRequest,
  countersOf: (key: Key) => Counters,
): Promise<void> {
  if (request.unit !== null || request.by !== undefined) {
    await countValues(engine, request, ({ name }, value, rows, key, group) => {
      countersOf(key)
        .texts.get(name)
        ?.add(value as string | null, rows, group);
    });
    return;
  }
  const { numbers, texts } = countersOf(null);
  for (const [name, counts] of values ?? (await valueCounts(engine, request))) {
    for (const [value, rows] of counts) {
      texts.get(name)?.add(value as string | null, rows);
      numbers.get(name)?.addRows(value === null ? Number.NaN : Number(value), rows);
    }
  }
}

function newCounters({ columns, bins, unit }: CountRequest): Counters {
  const counters: Counters = { numbers: new Map(), texts: new Map() };
  for (const { name, kind } of columns) {
    const known = bins.get(name) as Bins;
    if (kind === 'numeric') {
      counters.numbers.set(name, numberCounter(name, known as NumericBins, unit !== null));
    } else {
      counters.texts.set(name, textCounter(name, known as CategoricalBins, unit !== null));
    }
  }
  return counters;
}

async function rowsAndUnits(
  engine: Engine,
  { relation, by, unit, signal }: CountRequest,
): Promise<Map<Key, { rows: number; units: number }>> {
  const units = unit === null ? sql`0` : sql`count(DISTINCT ${identifier(unit)})`;
  const found = await engine.rows<{ key: Key; rows: number; units: number }>(
    sql`SELECT ${by ?? sql`NULL`} AS key, count(*) AS rows, ${units} AS units FROM ${relation} AS counted GROUP BY 1`,
    signal,
  );
  return new Map(found.map(({ key, rows, units }) => [key, { rows, units }]));
}
