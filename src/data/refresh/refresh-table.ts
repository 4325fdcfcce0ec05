import { type Sql, sql } from '../engine/sql.js';
import { readTable } from '../tables.js';
import { isMost, planOf, type Rebuild, spansOf } from './plan.js';
import { type DaysVersion, isUnusable, type TableState } from './table-state.js';
import { idOf } from './versions.js';
import { type DailyTable, dayList, rewriteDays, writeWholeTable } from './write-table.js';

/** What was done about an output, and why. */
export interface Refreshed {
  done: 'skipped' | 'days' | 'whole';
  why: string;
  /** The days that were made anew, both ends included, when only some were. */
  days?: { from: string; to: string }[];
  /** Whether rows of new users were added on all other days too. */
  new_users?: boolean;
  /** Fingerprints of what the output was made from; null: nothing is known of its input. */
  settings: string;
  inputs: string | null;
}

/** How a table with a row per user and day is made, whole and in part. */
export interface DailyRecipe {
  settings: string;
  /** Null: the input says nothing of itself, so the table is made whole. */
  inputs: DaysVersion | null;
  files: string | null;
  events?: number;
  /** The table's days when all were made now. */
  outputs: DaysVersion | null;
  whole(): Sql;
  /** How some of its days are made; null: they are not made apart. */
  parts: {
    /** The days that changed days of the input change here, ascending. */
    daysOf(changed: readonly number[], old: TableState): Promise<number[]> | number[];
    /** All users' rows of these days. */
    rows(days: readonly number[]): Sql;
    /** Rows on all but these days, of users that are not among the ids of `known`; null: new users need no rows there. */
    newUsers: ((days: readonly number[], known: Sql) => Sql) | null;
    ordered?: boolean;
  } | null;
}

/** Brings a table up to date: leaves it alone, makes some of its days anew, or all of it. */
export async function refreshTable(
  table: DailyTable,
  recipe: DailyRecipe,
  old: TableState | null,
  rebuild?: Rebuild,
): Promise<Refreshed> {
  const { settings, inputs } = recipe;
  const about = { settings, inputs: inputs === null ? null : idOf(inputs) };
  const plan = planOf(old, recipe, rebuild);
  if (plan.kind === 'skip') {
    return { done: 'skipped', why: plan.why, ...about };
  }
  const whole = async (why: string): Promise<Refreshed> => {
    await writeWholeTable(table, recipe.whole(), stateOf(recipe));
    return { done: 'whole', why, ...about };
  };
  if (plan.kind === 'whole' || old === null) {
    return whole(plan.why);
  }
  if (recipe.parts === null || table.format !== 'parquet') {
    return whole(`${plan.why}; ${recipe.parts === null ? 'this is made whole' : 'a text is written whole'}`);
  }
  try {
    const days = await recipe.parts.daysOf(plan.changed, old);
    const all = recipe.outputs?.days.length ?? 0;
    if (isMost(days.length, all)) {
      return await whole(`${plan.why}; that concerns ${days.length} of ${all} days`);
    }
    const adds = plan.newUsers ? (recipe.parts.newUsers?.(days, usersOf(table, old)) ?? null) : null;
    await rewriteDays(
      table,
      {
        days,
        rows: days.length === 0 ? null : recipe.parts.rows(days),
        newUsers: adds,
        ordered: recipe.parts.ordered,
      },
      stateOf(recipe, { old, days }) as TableState,
    );
    return { done: 'days', why: plan.why, days: spansOf(days), new_users: adds !== null, ...about };
  } catch (error) {
    if (!isUnusable(error)) {
      throw error;
    }
    return whole('the old table cannot be built upon');
  }
}

/** The ids of the users in a table, as a query. */
export function usersOf({ engine, path }: DailyTable, { outputs }: TableState): Sql {
  return sql`SELECT user_id FROM ${readTable(engine, path)} WHERE as_of_date IN (${dayList([outputs.first])})`;
}

/** Days that were left alone keep their ids. */
function stateOf(
  { settings, inputs, outputs, files, events }: DailyRecipe,
  kept?: { old: TableState; days: readonly number[] },
): TableState | null {
  if (inputs === null || outputs === null) {
    return null;
  }
  const made = kept && new Set(kept.days);
  const days = outputs.days.map((id, i) =>
    made === undefined || made.has(outputs.first + i) ? id : (kept?.old.outputs.days[i] ?? id),
  );
  return { settings, files, inputs, outputs: { ...outputs, days }, events };
}
