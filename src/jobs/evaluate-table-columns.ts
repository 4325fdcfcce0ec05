import type { Engine } from '../data/engine/engine.js';
import { identifier, type Sql, sql } from '../data/engine/sql.js';
import { openTable } from '../data/open-table.js';
import { requireColumns } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { EvaluateTablesRequest } from './evaluate-tables.js';

/** The tables to join, as relations. */
export interface OpenedTables {
  predictions: Sql;
  outcomes: Sql;
}

/** Refuses tables that cannot be joined as asked. @throws input.*, data.*, usage.invalid */
export async function openTables(engine: Engine, request: EvaluateTablesRequest): Promise<OpenedTables> {
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
  const predictions = await openWith(
    engine,
    request.predictions,
    named([id, score, predicted, unit, ...segments]),
  );
  const outcomes = await openWith(
    engine,
    request.outcomes,
    named([id, outcome, happened, arrived, treated, holdOut]),
  );
  if (arrived === undefined) {
    await requireUniqueOutcomes(engine, outcomes.relation, request);
  }
  return { predictions: predictions.relation, outcomes: outcomes.relation };
}

/** A table that holds the named columns, with all that it has. @throws input.*, data.empty, data.column_missing */
export async function openWith(
  engine: Engine,
  path: string,
  names: readonly string[],
): Promise<{ relation: Sql; columns: { name: string; type: string }[] }> {
  const relation = await openTable(engine, path);
  const columns = await engine.describe(sql`SELECT * FROM ${relation}`);
  requireColumns(columns, names, path);
  return { relation, columns };
}

/** Two outcomes of one id would count its prediction twice; with arrival times the later is a correction. */
async function requireUniqueOutcomes(
  engine: Engine,
  outcomes: Sql,
  request: EvaluateTablesRequest,
): Promise<void> {
  const id = identifier(request.id);
  const [twice] = await engine.rows<{ id: string; rows: number }>(
    sql`SELECT CAST(${id} AS STRING) AS id, count(*) AS rows FROM ${outcomes} AS outcomes WHERE ${id} IS NOT NULL GROUP BY ${id} HAVING count(*) > 1 LIMIT 1`,
  );
  if (twice) {
    throw new ChurnError('data.invalid', {
      expected: `one outcome per "${request.id}" in ${request.outcomes}`,
      came: `${twice.rows} of ${twice.id}`,
      fix: 'name the column of arrival times with --arrived if later rows correct earlier ones',
    });
  }
}
