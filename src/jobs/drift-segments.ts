import type { Engine } from '../data/engine/engine.js';
import { identifier, sql } from '../data/engine/sql.js';
import { ChurnError } from '../error.js';
import type { TableDriftOptions } from '../monitor/drift/judge.js';
import { type Segment, type SegmentsReport, segmentDrift } from '../monitor/drift/segments.js';
import { tableProfile } from '../monitor/profile/count.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import { profileRowsBy, type Rows } from './drift-windows.js';

/** Values of a column that are checked by themselves: the most frequent ones of both windows. */
const MOST_SEGMENTS = 20;

/** The check repeated for the values of each column; nulls are a segment of their own. */
export async function segmentsOf(
  engine: Engine,
  columns: readonly string[],
  rows: { reference: Rows; current: Rows },
  reference: TableProfile,
  drifted: readonly string[],
  options: TableDriftOptions,
): Promise<SegmentsReport> {
  const segments: Segment[] = [];
  for (const column of columns) {
    await requireColumn(engine, column, rows.reference);
    await requireColumn(engine, column, rows.current);
    const by = sql`coalesce(CAST(${identifier(column)} AS STRING), '(null)')`;
    const frequent = await frequentValues(engine, column, rows);
    const [before, now] = [
      await profileRowsBy(engine, rows.reference, reference, by),
      await profileRowsBy(engine, rows.current, reference, by),
    ];
    const empty = (): TableProfile => emptyOf(reference);
    for (const value of frequent) {
      segments.push({
        column,
        value,
        reference: before.get(value) ?? empty(),
        current: now.get(value) ?? empty(),
      });
    }
  }
  return segmentDrift(segments, drifted, options);
}

async function frequentValues(
  engine: Engine,
  column: string,
  { reference, current }: { reference: Rows; current: Rows },
): Promise<string[]> {
  const name = identifier(column);
  const found = await engine.rows<{ value: string; rows: number }>(
    sql`SELECT coalesce(CAST(${name} AS STRING), '(null)') AS value, count(*) AS rows
      FROM (SELECT ${name} FROM ${reference.relation} AS before UNION ALL SELECT ${name} FROM ${current.relation} AS now) AS both_windows
      GROUP BY 1 ORDER BY 2 DESC, 1`,
  );
  if (found.length > 50 * MOST_SEGMENTS) {
    throw new ChurnError('usage.invalid', {
      expected: `a column with few values to tell segments by (${MOST_SEGMENTS} are checked)`,
      came: `"${column}" with ${found.length}`,
    });
  }
  return found.slice(0, MOST_SEGMENTS).map(({ value }) => value);
}

async function requireColumn(engine: Engine, column: string, { relation, where }: Rows): Promise<void> {
  const there = await engine.describe(sql`SELECT * FROM ${relation} AS described`);
  if (!there.some(({ name }) => name === column)) {
    throw new ChurnError('data.column_missing', {
      expected: `"${column}" in ${where}, to tell segments by`,
      came: `the columns ${there.map(({ name }) => name).join(', ')}`,
    });
  }
}

/** The profile of no rows over the same bins. */
function emptyOf(reference: TableProfile): TableProfile {
  const columns = reference.columns.map((column) => ({
    ...column,
    rows: 0,
    nulls: 0,
    counts: column.counts.map(() => 0),
    moments: column.moments && {
      ...column.moments,
      finite: 0,
      sum: 0,
      sum_squares: 0,
      min: null,
      max: null,
      below: 0,
      above: 0,
    },
    unseen: [],
    groups: column.groups?.map((counts) => counts.map(() => 0)) ?? null,
  }));
  return { ...tableProfile(columns, reference.units === null ? null : 0), rows: 0 };
}
