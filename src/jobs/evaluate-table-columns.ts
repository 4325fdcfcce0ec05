import type { Engine } from '../data/engine/engine.js';
import { identifier, sql } from '../data/engine/sql.js';
import { openTable } from '../data/open-table.js';
import { ChurnError } from '../error.js';
import type { EvaluateTablesRequest } from './evaluate-tables.js';

/** Refuses tables that cannot be joined as asked. @throws input.*, data.*, usage.invalid */
export async function requireTables(engine: Engine, request: EvaluateTablesRequest): Promise<void> {
  const { id, score, outcome, happened, arrived, treated, holdOut, predicted, unit, segments } = request;
  if (
    request.horizonDays !== null &&
    (predicted === undefined || (request.at ?? arrived ?? happened) === undefined)
  ) {
    throw new ChurnError('usage.invalid', {
      expected: '--horizon with --predicted, and --at, --arrived or --happened to tell what has passed',
      came: 'a horizon without these times',
    });
  }
  const named = (names: readonly (string | undefined)[]) => names.filter((name) => name !== undefined);
  await requireTableColumns(engine, request.predictions, named([id, score, predicted, unit, ...segments]));
  await requireTableColumns(
    engine,
    request.outcomes,
    named([id, outcome, happened, arrived, treated, holdOut]),
  );
  if (arrived === undefined) {
    await requireUniqueOutcomes(engine, request);
  }
}

/** The columns of a table that holds the named ones. @throws input.*, data.column_missing */
export async function requireTableColumns(
  engine: Engine,
  path: string,
  names: readonly string[],
): Promise<{ name: string; type: string }[]> {
  const columns = await engine.describe(sql`SELECT * FROM ${await openTable(engine, path)}`);
  const there = columns.map((column) => column.name);
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length > 0) {
    throw new ChurnError('data.column_missing', {
      expected: `${missing.map((name) => `"${name}"`).join(', ')} in ${path}`,
      came: `the columns ${there.join(', ')}`,
    });
  }
  return columns;
}

/** Two outcomes of one id would count its prediction twice; with arrival times the later is a correction. */
async function requireUniqueOutcomes(engine: Engine, request: EvaluateTablesRequest): Promise<void> {
  const id = identifier(request.id);
  const [twice] = await engine.rows<{ id: string; rows: number }>(
    sql`SELECT CAST(${id} AS STRING) AS id, count(*) AS rows FROM ${await openTable(engine, request.outcomes)} AS outcomes WHERE ${id} IS NOT NULL GROUP BY ${id} HAVING count(*) > 1 LIMIT 1`,
  );
  if (twice) {
    throw new ChurnError('data.invalid', {
      expected: `one outcome per "${request.id}" in ${request.outcomes}`,
      came: `${twice.rows} of ${twice.id}`,
      fix: 'name the column of arrival times with --arrived if later rows correct earlier ones',
    });
  }
}
