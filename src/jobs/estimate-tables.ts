import type { Engine } from '../data/engine/engine.js';
import { identifier, raw, type Sql, sql } from '../data/engine/sql.js';
import { sideBySide } from '../data/side-by-side.js';
import { ChurnError } from '../error.js';
import {
  estimateBesideRealised,
  estimatePerformance,
  type PerformanceEstimate,
} from '../monitor/performance/estimate.js';
import {
  compareValues,
  type EstimateOutcome,
  type EstimateTrack,
  estimateTrack,
} from '../monitor/performance/estimate-record.js';
import { type Estimator, fitEstimator } from '../monitor/performance/estimator.js';
import { DEFAULT_FLAG, type EvaluationOptions } from '../monitor/performance/evaluate.js';
import { type PeriodKind, periodOf } from '../monitor/performance/over-time.js';
import { groupRows, type ScoredRows } from '../monitor/performance/slice.js';
import { denseUnits } from '../monitor/performance/users.js';
import { openWith } from './evaluate-table-columns.js';

export interface EstimateTablesRequest {
  /** Scores with outcomes, to learn from. */
  reference: string;
  /** Scores to judge; with outcomes too they are held against these. */
  predictions: string;
  score: string;
  outcome: string;
  /** User whose rows belong together, in the reference; without it every row is a user of its own. */
  unit?: string;
  /** Time of the prediction, in both. */
  predicted?: string;
  by: PeriodKind | null;
  options: EvaluationOptions;
}

export interface EstimatedPeriod extends PerformanceEstimate {
  name: string;
  /** Beside what came; null where outcomes are not known of all rows. */
  realised: Record<string, EstimateOutcome> | null;
}

export interface TablesEstimate {
  reference: { rows: number; windows: number; calibration_error: Estimator['calibration_error'] };
  periods: EstimatedPeriod[];
  record: Record<string, EstimateTrack>;
  assumption: string;
}

/** Windows of a reference without times: so many equal parts in the order of its rows. */
const WINDOWS = 10;

/** Estimates the performance of any table of scores from another one with outcomes. Errors: input.*, data.*, usage.invalid. */
export async function estimateTables(
  engine: Engine,
  request: EstimateTablesRequest,
): Promise<TablesEstimate> {
  if (request.by !== null && request.predicted === undefined) {
    throw new ChurnError('usage.invalid', {
      expected: '--by with --predicted, the time of the prediction',
      came: 'no such column',
    });
  }
  const [reference, current] = await sideBySide<[ReadRows, ReadRows]>([
    readRows(engine, request.reference, request, true),
    readRows(engine, request.predictions, request, false),
  ]);
  const { flag = DEFAULT_FLAG, seed } = request.options;
  const windows = windowsOf(reference.names, request.by !== null);
  const estimator = fitEstimator(reference.sample, { seed, flag, windows });
  const periods = [...groupRows(current.names)].map(([name, rows]): EstimatedPeriod => {
    const scores = Float64Array.from(rows, (row) => current.sample.scores[row]);
    const known = rows.every((row) => !Number.isNaN(current.outcomes[row]));
    if (!known) {
      return { name, ...estimatePerformance(estimator, scores), realised: null };
    }
    const labels = Uint8Array.from(rows, (row) => current.sample.labels[row]);
    const { estimate, realised } = estimateBesideRealised(estimator, labels, scores);
    return { name, ...estimate, realised: compareValues(estimate, realised) };
  });
  return {
    reference: {
      rows: estimator.rows,
      windows: new Set(windows).size,
      calibration_error: estimator.calibration_error,
    },
    periods,
    record: estimateTrack(periods.map(({ realised: came }) => came).filter((came) => came !== null)),
    assumption: periods[0]?.assumption ?? '',
  };
}

interface ReadRows {
  sample: ScoredRows;
  /** NaN where not known. */
  outcomes: number[];
  /** The period of each row. */
  names: string[];
}

async function readRows(
  engine: Engine,
  path: string,
  { score, outcome, unit, predicted, by }: EstimateTablesRequest,
  isReference: boolean,
): Promise<ReadRows> {
  const person = isReference ? unit : undefined;
  const { relation, columns: there } = await openWith(engine, path, [
    score,
    ...(isReference ? [outcome] : []),
    ...(person === undefined ? [] : [person]),
    ...(predicted === undefined ? [] : [predicted]),
  ]);
  const column = (name: string | undefined, type: string, value: (name: Sql) => Sql): Sql =>
    name !== undefined && there.some((each) => each.name === name)
      ? value(identifier(name))
      : raw(`CAST(NULL AS ${type})`);
  const time = there.find(({ name }) => name === predicted)?.type ?? '';
  const query = sql`SELECT CAST(${identifier(score)} AS DOUBLE), ${column(outcome, 'DOUBLE', (name) => sql`CAST(${name} AS DOUBLE)`)},
    CAST(${column(predicted, 'INTEGER', (name) => engine.dialect.dayNumber(sql`CAST(${engine.dialect.utcTime(name, time)} AS DATE)`))} AS DOUBLE),
    ${column(person, 'STRING', (name) => sql`CAST(${name} AS STRING)`)} FROM ${relation} AS scored`;
  const [scores, outcomes, units, names]: [number[], number[], string[], string[]] = [[], [], [], []];
  for await (const { columns, rows } of engine.columns(query)) {
    const [risks, happened, days] = columns as Float64Array[];
    const users = columns[3] as (string | null)[];
    for (let row = 0; row < rows; row++) {
      if (isReference && Number.isNaN(happened[row])) {
        continue; // Not known yet: nothing to learn from.
      }
      if (person !== undefined) {
        units.push(users[row] ?? `row ${scores.length}`);
      }
      scores.push(risks[row]);
      outcomes.push(happened[row]);
      names.push(by === null || Number.isNaN(days[row]) ? 'all' : periodOf(days[row], by));
    }
  }
  const labels = Uint8Array.from(outcomes, (value) => (Number.isNaN(value) ? 0 : value));
  return {
    sample: {
      labels,
      scores: Float64Array.from(scores),
      units: person === undefined ? Int32Array.from(scores, (_, row) => row) : denseUnits(units),
    },
    outcomes,
    names,
  };
}

function windowsOf(names: readonly string[], byTime: boolean): Int32Array {
  return byTime
    ? denseUnits(names)
    : Int32Array.from(names, (_, row) => Math.floor((row * WINDOWS) / names.length));
}
