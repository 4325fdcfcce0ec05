import { countedColumns } from '../data/count/columns.js';
import type { Engine } from '../data/engine/engine.js';
import { join, type Sql, sql } from '../data/engine/sql.js';
import { readTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { bandOf } from '../monitor/drift/feature.js';
import type { DriftReport, FeatureDrift } from '../monitor/drift/report.js';
import { section12Psi } from '../monitor/drift/section-12.js';

export interface DescribedDriftRequest {
  reference: string;
  current: string;
  features: readonly string[];
  warn: number;
  fail: number;
}

/**
 * The drift check as section 12 describes it, for users who migrate and compare numbers: all rows of both tables,
 * deciles of the raw reference values, out-of-range values dropped. Numeric columns only.
 */
export async function driftAsDescribed(engine: Engine, request: DescribedDriftRequest): Promise<DriftReport> {
  const reference = await numbersOf(engine, request.reference, request.features);
  const current = await numbersOf(engine, request.current, request.features);
  const features = request.features.map((name, i): FeatureDrift => {
    const value = section12Psi(reference.columns[i], current.columns[i]);
    return {
      name,
      kind: 'numeric',
      status: bandOf(value, request.warn, request.fail),
      statistic: 'psi',
      short: 'PSI',
      value,
      value_debiased: null,
      error: null,
      in_units: null,
      psi: value,
      p_value: null,
      p_adjusted: null,
      method: null,
      interval: null,
      levels: { warn: request.warn, fail: request.fail },
      beside: {},
      parts: [],
      cells: [],
      rows: { reference: reference.rows, current: current.rows },
      nulls: { reference: nullsOf(reference.columns[i]), current: nullsOf(current.columns[i]) },
      units: null,
      because:
        'computed as section 12 describes it, without evidence and without values outside the reference range',
    };
  });
  const values = features.map((feature) => feature.value as number);
  const worst = (['FAIL', 'WARN', 'OK'] as const).find((status) =>
    features.some((feature) => feature.status === status),
  );
  return {
    status: worst ?? 'INSUFFICIENT',
    overall_max_psi: values.length === 0 ? null : Math.max(...values),
    psi_by_feature: Object.fromEntries(features.map((feature) => [feature.name, feature.value])),
    state: worst ? 'ok' : 'insufficient_data',
    rows: { reference: reference.rows, current: current.rows },
    features,
    thresholds: { warn: request.warn, fail: request.fail, significance: 1 },
    rule: 'section-12: reference deciles, values outside dropped, shares clipped at 1e-6',
  };
}

async function numbersOf(
  engine: Engine,
  path: string,
  names: readonly string[],
): Promise<{ rows: number; columns: Float64Array[] }> {
  const table: Sql = readTable(engine, path);
  const columns = await countedColumns(engine, table, names, path);
  const text = columns.find((column) => column.kind === 'categorical');
  if (text) {
    throw new ChurnError('usage.invalid', {
      expected: 'numeric features for --compat section-12',
      came: `"${text.name}", a text`,
      fix: 'name others with --features',
    });
  }
  const [{ rows }] = await engine.rows<{ rows: number }>(
    sql`SELECT count(*) AS rows FROM ${table} AS counted`,
  );
  const kept = columns.map(() => new Float64Array(rows));
  let row = 0;
  const query = sql`SELECT ${join(columns.map(({ value }) => sql`coalesce(${value}, CAST('NaN' AS DOUBLE))`))} FROM ${table} AS counted`;
  for await (const chunk of engine.columns(query)) {
    for (let i = 0; i < kept.length; i++) {
      kept[i].set(chunk.columns[i] as Float64Array, row);
    }
    row += chunk.rows;
  }
  return { rows, columns: kept };
}

function nullsOf(values: Float64Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
}
