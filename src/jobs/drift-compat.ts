import { countedColumns, requireKinds } from '../data/count/columns.js';
import { readRawColumns } from '../data/count/raw-columns.js';
import type { Engine } from '../data/engine/engine.js';
import type { Sql } from '../data/engine/sql.js';
import type { CompatOptions } from '../monitor/drift/compat/compat.js';
import { compatReport, compatSystem } from '../monitor/drift/compat/report.js';
import type { DriftReport } from '../monitor/drift/report.js';

/** Rows of one window, and how to call them in errors. */
export interface RawWindow {
  relation: Sql;
  where: string;
}

export interface CompatRequest extends CompatOptions {
  /** Id of the system whose numbers are wanted. */
  system: string;
  reference: RawWindow;
  current: RawWindow;
  features: readonly string[];
}

/** The drift check as another system does it, for users who migrate and compare numbers. Reads the raw values. */
export async function driftByCompat(engine: Engine, request: CompatRequest): Promise<DriftReport> {
  const system = compatSystem(request.system);
  const { reference, current, features } = request;
  const columns = await countedColumns(engine, reference.relation, features, reference.where);
  const now = await countedColumns(engine, current.relation, features, current.where);
  requireKinds(
    now,
    columns.map(({ name, kind }) => ({ name, bins: { kind } })),
    current.where,
  );
  const [before, after] = [
    await readRawColumns(engine, reference.relation, columns),
    await readRawColumns(engine, current.relation, now),
  ];
  const raw = columns.map(({ name, kind }, i) => ({
    name,
    kind,
    reference: before.columns[i],
    current: after.columns[i],
  }));
  return compatReport(system, raw, request);
}
