import { coarseLayout } from '../../monitor/profile/coarse.js';
import { tableProfile } from '../../monitor/profile/count.js';
import { pivotOf } from '../../monitor/profile/moments.js';
import {
  type Bins,
  type ColumnProfile,
  type TableProfile,
  UNIT_GROUPS,
} from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { identifier, raw, type Sql, sql } from '../engine/sql.js';
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
  signal?: AbortSignal;
}

/**
 * Counts a relation over fixed bins: one scan for all numeric columns, one for all categorical ones. Equals
 * profileOfValues on the same rows.
 */
export async function countProfile(engine: Engine, request: CountRequest): Promise<TableProfile> {
  const { columns, unit, window } = request;
  const group = unit === null ? raw('0') : engine.dialect.unitGroup(identifier(unit));
  const units = unit === null ? null : await distinctUnits(engine, request, unit);
  const numeric = columns.filter((column) => column.kind === 'numeric');
  const categorical = columns.filter((column) => column.kind === 'categorical');
  const counted = new Map<string, ColumnProfile>();
  for (const column of columns) {
    counted.set(column.name, emptyProfile(column.name, request.bins.get(column.name) as Bins, unit !== null));
  }
  const rows = await countNumbers(engine, request, numeric, group, counted);
  if (categorical.length > 0) {
    await countCategories(engine, request, categorical, group, counted);
  }
  for (const profile of counted.values()) {
    profile.rows = rows;
  }
  return { ...tableProfile([...counted.values()], units, window), rows };
}

async function distinctUnits(
  engine: Engine,
  { relation, signal }: CountRequest,
  unit: string,
): Promise<number> {
  const [{ units }] = await engine.rows<{ units: number }>(
    sql`SELECT count(DISTINCT ${identifier(unit)}) AS units FROM ${relation} AS counted`,
    signal,
  );
  return units;
}

function emptyProfile(name: string, bins: Bins, hasUnit: boolean): ColumnProfile {
  const cells = coarseLayout(bins).length;
  return {
    name,
    bins,
    rows: 0,
    nulls: 0,
    counts: new Array<number>(
      bins.kind === 'numeric' ? bins.edges.length + 1 : bins.categories.length + 2,
    ).fill(0),
    moments:
      bins.kind === 'numeric'
        ? {
            finite: 0,
            pivot: pivotOf(bins),
            sum: 0,
            sum_squares: 0,
            min: null,
            max: null,
            below: 0,
            above: 0,
          }
        : null,
    unseen: [],
    groups: hasUnit ? Array.from({ length: UNIT_GROUPS }, () => new Array<number>(cells).fill(0)) : null,
  };
}
