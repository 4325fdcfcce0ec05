import { tableProfile } from '../../monitor/profile/count.js';
import { type NumberCounter, numberCounter } from '../../monitor/profile/number-counter.js';
import type { Bins, CategoricalBins, NumericBins, TableProfile } from '../../monitor/profile/profile.js';
import { type TextCounter, textCounter } from '../../monitor/profile/text-counter.js';
import type { Engine } from '../engine/engine.js';
import { identifier, type Sql, sql } from '../engine/sql.js';
import type { CountedColumn } from './columns.js';
import { countCategories } from './count-categories.js';
import { countNumbers } from './count-numbers.js';

export interface CountRequest {
  relation: Sql;
  columns: readonly CountedColumn[];
  bins: ReadonlyMap<string, Bins>;
  /** Column whose value names the unit (user) of a row; null: rows are independent. */
  unit: string | null;
  window: TableProfile['window'];
  /** A profile for each value of this expression: a number, or a text. */
  by?: Sql;
  signal?: AbortSignal;
}

/** What rows are told apart by: a day's number, a segment's name, or nothing. */
export type Key = number | string | null;

/** Counters of one key. */
export interface Counters {
  numbers: Map<string, NumberCounter>;
  texts: Map<string, TextCounter>;
  rows: number;
}

/**
 * Counts a relation over fixed bins: one scan that streams all numeric columns to the counters, one that groups all
 * categorical ones. Equals profileOfValues on the same rows.
 */
export async function countProfile(engine: Engine, request: CountRequest): Promise<TableProfile> {
  const counted = await countProfiles(engine, { ...request, by: undefined });
  return counted.get(null) as TableProfile;
}

/** The same for each value of `by`, in the order in which they came. Without `by`: one profile, of the key null. */
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
  await countNumbers(engine, request, countersOf);
  await countCategories(engine, request, countersOf);
  const units = unit === null ? null : await distinctUnits(engine, request, unit);
  return new Map(
    [...counters].map(([key, { numbers, texts, rows }]) => {
      const profiles = columns.map(({ name }) => (numbers.get(name) ?? texts.get(name))!.profile());
      return [key, { ...tableProfile(profiles, units && (units.get(key) ?? 0), window), rows }];
    }),
  );
}

function newCounters({ columns, bins, unit }: CountRequest): Counters {
  const counters: Counters = { numbers: new Map(), texts: new Map(), rows: 0 };
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

async function distinctUnits(
  engine: Engine,
  { relation, by, signal }: CountRequest,
  unit: string,
): Promise<Map<Key, number>> {
  const key = by ?? sql`NULL`;
  const found = await engine.rows<{ key: Key; units: number }>(
    sql`SELECT ${key} AS key, count(DISTINCT ${identifier(unit)}) AS units FROM ${relation} AS counted GROUP BY 1`,
    signal,
  );
  return new Map(found.map(({ key, units }) => [key, units]));
}
