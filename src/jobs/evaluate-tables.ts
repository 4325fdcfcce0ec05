import type { Engine } from '../data/engine/engine.js';
import { identifier, join, raw, type Sql, sql } from '../data/engine/sql.js';
import { type OutcomeColumns, outcomesAsKnown } from '../data/outcomes.js';
import { ChurnError } from '../error.js';
import type { EvaluationOptions } from '../monitor/performance/evaluate.js';
import { maturityCurve } from '../monitor/performance/maturity.js';
import type { DetailedEvaluationReport } from '../monitor/performance/report.js';
import { type Day, dayNumber, dayOfNumber } from '../time.js';
import { type OpenedTables, openTables } from './evaluate-table-columns.js';
import { evaluationReport, noOutcomes, type ScoredOutcomes } from './evaluation-report.js';

export interface EvaluateTablesRequest {
  predictions: string;
  outcomes: string;
  /** Column that both share. */
  id: string;
  score: string;
  /** 1 or true for churned, 0 or false for stayed, null for not known yet. */
  outcome: string;
  /** Columns of the outcomes, where there are any (see OutcomeColumns). */
  happened?: string;
  arrived?: string;
  treated?: string;
  holdOut?: string;
  /** Column of the predictions with their time. */
  predicted?: string;
  /** Days after which an outcome is final, and that it may come late; without a horizon every outcome is. */
  horizonDays: number | null;
  latenessDays: number;
  /** As known at the end of this day; null: the last day that the tables tell of. */
  at: Day | null;
  /** Column of the predictions with the user whose rows belong together; default: the id. */
  unit?: string;
  /** Columns of the predictions. */
  segments: readonly string[];
  options: EvaluationOptions;
}

/** Judged rows of two tables, with what tells when they become known. */
export interface JoinedTables {
  outcomes: ScoredOutcomes;
  /** The day as of which they are known; null without times. */
  at: Day | null;
  /** The day on which the last of the waiting predictions matures; null when none waits. */
  maturesOn: Day | null;
  delays: number[];
  ages: number[];
}

/** Joins any two tables by an id and measures the scores. Errors: input.*, data.*, usage.invalid. */
export async function evaluateTables(
  engine: Engine,
  request: EvaluateTablesRequest,
): Promise<DetailedEvaluationReport> {
  const { outcomes, at, maturesOn, delays, ages } = await joinTables(engine, request);
  const oldest = ages.reduce((most, age) => Math.max(most, age), 0);
  const horizon = Math.min(oldest, (request.horizonDays ?? oldest) + request.latenessDays);
  return evaluationReport(
    outcomes,
    {
      prediction_date: null,
      evaluation_date: null,
      matures_on: outcomes.counts.matched === 0 ? maturesOn : null,
      known_on: at,
      maturity:
        delays.some((delay) => !Number.isNaN(delay)) && ages.length > 0
          ? maturityCurve(Float64Array.from(delays), Float64Array.from(ages), horizon)
          : null,
    },
    request.options,
  );
}

/** Reads and classifies the rows. */
export async function joinTables(engine: Engine, request: EvaluateTablesRequest): Promise<JoinedTables> {
  const tables = await openTables(engine, request);
  const at = await knownOn(engine, tables.outcomes, request);
  const query = await joinQuery(engine, tables, request, at);
  const joined: JoinedTables = {
    outcomes: noOutcomes(request.segments),
    at,
    maturesOn: null,
    delays: [],
    ages: [],
  };
  let lastToWait = -Infinity;
  const odd = { before: 0, future: 0 };
  const today = at === null ? Infinity : dayNumber(at);
  for await (const { columns, rows } of engine.columns(query)) {
    const [scores, told, labels, days, happened, arrived, treated, heldOut] = columns as Float64Array[];
    const [units, ...texts] = columns.slice(8) as (string | null)[][];
    for (let row = 0; row < rows; row++) {
      const { counts } = joined.outcomes;
      if (days[row] <= today) {
        joined.ages.push(today - days[row]);
        joined.delays.push(Number.isNaN(labels[row]) ? Number.NaN : arrived[row] - days[row]);
      }
      odd.before += labels[row] === 1 && happened[row] <= days[row] ? 1 : 0;
      odd.future +=
        happened[row] > Math.min(today, Number.isNaN(arrived[row]) ? Infinity : arrived[row]) ? 1 : 0;
      const due = days[row] + (request.horizonDays ?? 0) + request.latenessDays;
      if (request.horizonDays !== null && !(due <= today)) {
        lastToWait = Math.max(lastToWait, due);
        counts.immature++;
      } else if (told[row] === 0) {
        counts.unmatched++;
      } else if (Number.isNaN(labels[row])) {
        counts.immature++;
      } else if (Number.isNaN(scores[row]) || (labels[row] === 1 && happened[row] <= days[row])) {
        counts.excluded++;
      } else {
        requireOutcome(labels[row], scores[row], request);
        counts.matched++;
        const tooLate = request.horizonDays !== null && happened[row] > days[row] + request.horizonDays;
        joined.outcomes.scores.push(scores[row]);
        joined.outcomes.labels.push(tooLate ? 0 : labels[row]);
        joined.outcomes.units.push(units[row] as string);
        joined.outcomes.treated.push(treated[row]);
        joined.outcomes.heldOut.push(heldOut[row]);
        joined.outcomes.days.push(days[row]);
        request.segments.forEach((name, i) => {
          joined.outcomes.segments[name].push(texts[i][row] ?? '(null)');
        });
      }
    }
  }
  joined.outcomes.warnings = outcomeWarnings(odd);
  return { ...joined, maturesOn: Number.isFinite(lastToWait) ? dayOfNumber(lastToWait) : null };
}

/** Outcomes whose times cannot be: before the prediction, or told of before they happened. */
function outcomeWarnings({ before, future }: { before: number; future: number }): string[] {
  return [
    ...(before > 0
      ? [`${before} users had churned on or before the day of their prediction: they are left out`]
      : []),
    ...(future > 0
      ? [
          `${future} outcomes happened after they were known: the future is in the table, or times are mixed up`,
        ]
      : []),
  ];
}

async function joinQuery(
  engine: Engine,
  { predictions, outcomes }: OpenedTables,
  request: EvaluateTablesRequest,
  at: Day | null,
): Promise<Sql> {
  const day =
    request.predicted === undefined
      ? raw('CAST(NULL AS DOUBLE)')
      : sql`CAST(${await dayOf(engine, predictions, request.predicted)} AS DOUBLE)`;
  const columns: OutcomeColumns = { ...request, predicted: undefined };
  const types = await engine.describe(sql`SELECT * FROM ${outcomes}`);
  const known = outcomesAsKnown(engine, outcomes, types, columns, request.arrived === undefined ? null : at);
  const segments = (value: (name: string, i: number) => Sql) =>
    join(
      request.segments.map((name, i) => sql`, ${value(name, i)}`),
      '',
    );
  return sql`
    SELECT predicted.score, CASE WHEN happened.unit IS NULL THEN 0 ELSE 1 END AS told, happened.label, predicted.day,
      CAST(happened.happened_day AS DOUBLE), CAST(happened.arrived_day AS DOUBLE), happened.treated, happened.hold_out, predicted.person${segments((_, i) => raw(`predicted.segment_${i}`))}
    FROM (SELECT CAST(${identifier(request.id)} AS STRING) AS unit, CAST(${identifier(request.unit ?? request.id)} AS STRING) AS person, CAST(${identifier(request.score)} AS DOUBLE) AS score, ${day} AS day${segments(
      (name, i) => sql`CAST(${identifier(name)} AS STRING) AS ${raw(`segment_${i}`)}`,
    )} FROM ${predictions} AS files) AS predicted
    LEFT JOIN ${known} AS happened ON happened.unit = predicted.unit ORDER BY predicted.unit, predicted.day`;
}

/** The day number of a time column. */
async function dayOf(engine: Engine, table: Sql, column: string): Promise<Sql> {
  const types = await engine.describe(sql`SELECT * FROM ${table}`);
  const type = types.find(({ name }) => name === column)?.type ?? '';
  return engine.dialect.dayNumber(sql`CAST(${engine.dialect.utcTime(identifier(column), type)} AS DATE)`);
}

/** The day asked for, or the last day on which something came or happened; null without such a column. */
async function knownOn(engine: Engine, outcomes: Sql, request: EvaluateTablesRequest): Promise<Day | null> {
  const column = request.arrived ?? request.happened;
  if (request.at !== null || column === undefined) {
    return request.at;
  }
  const [{ last }] = await engine.rows<{ last: number | null }>(
    sql`SELECT max(${await dayOf(engine, outcomes, column)}) AS last FROM ${outcomes} AS outcomes`,
  );
  return last === null ? null : dayOfNumber(last);
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
