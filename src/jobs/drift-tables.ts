import { countedColumns, requireKinds } from '../data/count/columns.js';
import { countProfile } from '../data/count/count-profile.js';
import type { Engine } from '../data/engine/engine.js';
import type { Sql } from '../data/engine/sql.js';
import { openTable } from '../data/open-table.js';
import { sideBySide } from '../data/side-by-side.js';
import { requireFile } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { readJson } from '../files.js';
import { type TableDriftOptions, tableDrift } from '../monitor/drift/judge.js';
import type { DriftReport } from '../monitor/drift/report.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import { looksLikeProfile, readProfile } from '../monitor/profile/read.js';
import { type ProfileResult, profileRelation } from './profile.js';
import {
  type ColumnRequest,
  chooseColumns,
  type LeftOut,
  requireSome,
  requireUnit,
} from './table-columns.js';

export interface TableDriftRequest extends ColumnRequest, Omit<TableDriftOptions, 'seed' | 'columns'> {
  /** A table, or a saved profile (.json). */
  reference: string;
  current: string;
  /** Another system's id, to repeat its numbers; null: ours. */
  compat: string | null;
  seed: number;
}

export interface TableDriftResult {
  report: DriftReport;
  /** Columns that were left out, with the reason. */
  left_out: LeftOut[];
}

/**
 * Drift between any two tables, or a saved profile and a table, without a project.
 * Errors: input.*, data.column_missing, data.column_type, data.empty, model.mismatch.
 */
export async function driftOfTables(engine: Engine, request: TableDriftRequest): Promise<TableDriftResult> {
  const { unit } = request;
  const saved = await savedProfile(request);
  // Said before the reference is read.
  await requireFile(request.current);
  if (request.compat !== null) {
    return compatOfTables(engine, request, saved);
  }
  const profiled = async (): Promise<ProfileResult> => {
    const reference = await openTable(engine, request.reference);
    return profileRelation(
      engine,
      reference,
      { ...request, file: request.reference, leastRows: null },
      false,
    );
  };
  const [{ profile: before, left_out }, current] = await sideBySide<[ProfileResult, Sql]>([
    saved === null ? profiled() : Promise.resolve({ profile: chosen(saved, request), left_out: [] }),
    openTable(engine, request.current),
  ]);
  await requireUnit(engine, current, unit, request.current);
  const names = before.columns.map(({ name }) => name);
  const columns = await countedColumns(engine, current, names, request.current);
  requireKinds(columns, before.columns, request.current);
  const bins = new Map(before.columns.map((column) => [column.name, column.bins]));
  const after = await countProfile(engine, { relation: current, columns, bins, unit, window: null });
  return { report: tableDrift(before, after, request), left_out };
}

async function savedProfile({ reference, unit }: TableDriftRequest): Promise<TableProfile | null> {
  if (!/\.json$/i.test(reference)) {
    return null;
  }
  // One JSON document is a profile, lines of them are a table.
  const document = await readJson<unknown>(reference).catch((error) => {
    if (error instanceof ChurnError && error.code === 'input.unreadable') {
      return null;
    }
    throw error;
  });
  if (!looksLikeProfile(document)) {
    return null;
  }
  const profile = readProfile(document, reference);
  if (unit !== null && profile.units === null) {
    throw new ChurnError('model.mismatch', {
      expected: `a profile with counts by unit in ${reference}, for --unit ${unit}`,
      came: 'one without',
      fix: `make it with \`churn-mlops profile FILE --unit ${unit}\``,
    });
  }
  return profile;
}

function chosen(profile: TableProfile, { features, reference }: TableDriftRequest): TableProfile {
  if (features === null) {
    return profile;
  }
  const columns = features.map((name) => {
    const found = profile.columns.find((column) => column.name === name);
    if (found === undefined) {
      throw new ChurnError('data.column_missing', {
        expected: `"${name}" in ${reference}`,
        came: `profiles of ${profile.columns.map((column) => column.name).join(', ')}`,
      });
    }
    return found;
  });
  return { ...profile, columns };
}

async function compatOfTables(
  engine: Engine,
  request: TableDriftRequest,
  saved: TableProfile | null,
): Promise<TableDriftResult> {
  if (saved !== null) {
    throw new ChurnError('usage.invalid', {
      expected: `a table as --reference with --compat ${request.compat}, which needs raw values`,
      came: 'a profile',
    });
  }
  const [reference, current] = await sideBySide([
    openTable(engine, request.reference),
    openTable(engine, request.current),
  ]);
  await requireUnit(engine, current, request.unit, request.current);
  const { compatSystem } = await import('../monitor/drift/compat/report.js');
  const { driftByCompat } = await import('./drift-compat.js');
  const { statistics } = compatSystem(String(request.compat));
  const { wanted, left_out } = await chooseColumns(engine, reference, request, request.reference);
  const features = wanted.filter(({ kind }) => request.features !== null || statistics[kind].length > 0);
  const report = await driftByCompat(engine, {
    ...request,
    statistic: request.statistic ?? null,
    system: String(request.compat),
    features: requireSome(features, left_out).map(({ name }) => name),
    reference: { relation: reference, where: request.reference },
    current: { relation: current, where: request.current },
  });
  return { report, left_out };
}
