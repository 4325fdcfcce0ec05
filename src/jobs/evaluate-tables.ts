import type { Engine } from '../data/engine/engine.js';
import { identifier, type Sql, sql } from '../data/engine/sql.js';
import { readTable, requireReadable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { EvaluationOptions } from '../monitor/performance/evaluate.js';
import type { DetailedEvaluationReport } from '../monitor/performance/report.js';
import { evaluationReport, type ScoredOutcomes } from './evaluation-report.js';

export interface EvaluateTablesRequest {
  predictions: string;
  outcomes: string;
  /** Column that both share. */
  id: string;
  score: string;
  /** 1 or true for churned, 0 or false for stayed, null for not known yet. */
  outcome: string;
  options: EvaluationOptions;
}

/** Joins any two tables by an id and measures the scores. Errors: input.*, data.*. */
export async function evaluateTables(
  engine: Engine,
  request: EvaluateTablesRequest,
): Promise<DetailedEvaluationReport> {
  await requireTableColumns(engine, request.predictions, [request.id, request.score]);
  await requireTableColumns(engine, request.outcomes, [request.id, request.outcome]);
  await requireUniqueOutcomes(engine, request);
  const id = sql`CAST(${identifier(request.id)} AS STRING)`;
  const query = sql`
    SELECT predicted.score, dense_rank() OVER (ORDER BY predicted.unit) - 1 AS unit, CASE WHEN happened.unit IS NULL THEN 0 ELSE 1 END AS known, happened.label
    FROM (SELECT ${id} AS unit, CAST(${identifier(request.score)} AS DOUBLE) AS score FROM ${readTable(engine, request.predictions)}) AS predicted
    LEFT JOIN (SELECT ${id} AS unit, CAST(${identifier(request.outcome)} AS DOUBLE) AS label FROM ${readTable(engine, request.outcomes)}) AS happened
      ON happened.unit = predicted.unit ORDER BY predicted.unit`;
  return evaluationReport(
    await collect(engine, query, request),
    {
      prediction_date: null,
      evaluation_date: null,
      matures_on: null,
    },
    request.options,
  );
}

async function collect(engine: Engine, query: Sql, request: EvaluateTablesRequest): Promise<ScoredOutcomes> {
  const found: ScoredOutcomes = {
    scores: [],
    labels: [],
    units: [],
    counts: { matched: 0, immature: 0, unmatched: 0, excluded: 0 },
    version: null,
  };
  for await (const chunk of engine.columns(query)) {
    const [scores, units, known, labels] = chunk.columns as Float64Array[];
    for (let row = 0; row < chunk.rows; row++) {
      if (known[row] === 0) {
        found.counts.unmatched++;
      } else if (Number.isNaN(labels[row])) {
        found.counts.immature++;
      } else if (Number.isNaN(scores[row])) {
        found.counts.excluded++;
      } else {
        requireOutcome(labels[row], scores[row], request);
        found.counts.matched++;
        found.scores.push(scores[row]);
        found.labels.push(labels[row]);
        found.units.push(units[row]);
      }
    }
  }
  return found;
}

function requireOutcome(label: number, score: number, request: EvaluateTablesRequest): void {
  if (label !== 0 && label !== 1) {
    throw new ChurnError('data.invalid', { expected: `0 or 1 in "${request.outcome}"`, came: String(label) });
  }
  if (!(score >= 0 && score <= 1)) {
    throw new ChurnError('data.invalid', {
      expected: `probabilities from 0 to 1 in "${request.score}"`,
      came: String(score),
    });
  }
}

async function requireTableColumns(engine: Engine, path: string, names: readonly string[]): Promise<void> {
  await requireReadable(engine, path);
  const there = (await engine.describe(sql`SELECT * FROM ${readTable(engine, path)}`)).map(
    (column) => column.name,
  );
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length > 0) {
    throw new ChurnError('data.column_missing', {
      expected: `${missing.map((name) => `"${name}"`).join(', ')} in ${path}`,
      came: `the columns ${there.join(', ')}`,
    });
  }
}

/** Two outcomes of one id would count its prediction twice. */
async function requireUniqueOutcomes(engine: Engine, request: EvaluateTablesRequest): Promise<void> {
  const id = identifier(request.id);
  const [twice] = await engine.rows<{ id: string; rows: number }>(
    sql`SELECT CAST(${id} AS STRING) AS id, count(*) AS rows FROM ${readTable(engine, request.outcomes)} WHERE ${id} IS NOT NULL GROUP BY ${id} HAVING count(*) > 1 LIMIT 1`,
  );
  if (twice) {
    throw new ChurnError('data.invalid', {
      expected: `one outcome per "${request.id}" in ${request.outcomes}`,
      came: `${twice.rows} of ${twice.id}`,
    });
  }
}
