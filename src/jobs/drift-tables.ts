import { countedColumns, requireKinds } from '../data/count/columns.js';
import { countProfile } from '../data/count/count-profile.js';
import { planBins } from '../data/count/plan-bins.js';
import type { Engine } from '../data/engine/engine.js';
import { readTable, requireReadable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { tableDrift } from '../monitor/drift/judge.js';
import type { DriftReport } from '../monitor/drift/report.js';
import { driftAsDescribed } from './drift-as-described.js';

export interface TableDriftRequest {
  reference: string;
  current: string;
  /** Null: all columns of the reference that can be watched. */
  features: readonly string[] | null;
  /** Column that names the user of a row, when users have several rows. */
  unit: string | null;
  compat: 'none' | 'section-12';
  warn: number;
  fail: number;
  significance: number;
  seed: number;
}

export interface TableDriftResult {
  report: DriftReport;
  /** Columns that were left out, with the reason. */
  left_out: { name: string; reason: string }[];
}

/** Drift between any two tables, without a project. Errors: input.*, data.column_missing, data.column_type, data.empty. */
export async function driftOfTables(engine: Engine, request: TableDriftRequest): Promise<TableDriftResult> {
  await requireReadable(engine, request.reference);
  await requireReadable(engine, request.current);
  const reference = readTable(engine, request.reference);
  const current = readTable(engine, request.current);
  const all = await countedColumns(engine, reference, request.features, request.reference);
  const wanted = all.filter((column) => column.name !== request.unit);
  if (request.compat === 'section-12') {
    const features = (
      request.features === null ? wanted.filter((column) => column.kind === 'numeric') : wanted
    ).map((column) => column.name);
    return { report: await driftAsDescribed(engine, { ...request, features }), left_out: [] };
  }
  const { bins, refused } = await planBins(engine, reference, wanted, request.seed);
  if (request.features !== null && refused.length > 0) {
    throw new ChurnError('data.column_type', {
      expected: 'categories or numbers in --features',
      came: refused.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
      fix: 'leave these columns out',
    });
  }
  const watched = wanted.filter((column) => bins.has(column.name));
  const before = await countProfile(engine, {
    relation: reference,
    columns: watched,
    bins,
    unit: request.unit,
    window: null,
  });
  const currentColumns = await countedColumns(
    engine,
    current,
    watched.map((column) => column.name),
    request.current,
  );
  requireKinds(currentColumns, before.columns, request.current);
  const after = await countProfile(engine, {
    relation: current,
    columns: currentColumns,
    bins,
    unit: request.unit,
    window: null,
  });
  return { report: tableDrift(before, after, request), left_out: refused };
}
