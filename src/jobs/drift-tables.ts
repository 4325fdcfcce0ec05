import { type CountedColumn, countedColumns, requireKinds } from '../data/count/columns.js';
import { countProfile } from '../data/count/count-profile.js';
import { type BinPlan, planBins } from '../data/count/plan-bins.js';
import type { Engine } from '../data/engine/engine.js';
import { type Sql, sql } from '../data/engine/sql.js';
import { readTable, requireReadable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { compatSystem } from '../monitor/drift/compat/report.js';
import { tableDrift } from '../monitor/drift/judge.js';
import type { DriftReport } from '../monitor/drift/report.js';
import { driftByCompat } from './drift-compat.js';

export interface TableDriftRequest {
  reference: string;
  current: string;
  /** Null: all columns of the reference that can be watched. */
  features: readonly string[] | null;
  /** Column that names the user of a row, when users have several rows. */
  unit: string | null;
  /** Another system's id, to repeat its numbers; null: ours. */
  compat: string | null;
  /** Judges all columns it applies to; null: psi, or what the other system takes. */
  statistic: string | null;
  warn: number;
  fail: number;
  significance: number;
  seed: number;
}

interface LeftOut {
  name: string;
  reason: string;
}

export interface TableDriftResult {
  report: DriftReport;
  /** Columns that were left out, with the reason. */
  left_out: LeftOut[];
}

/** Drift between any two tables, without a project. Errors: input.*, data.column_missing, data.column_type, data.empty. */
export async function driftOfTables(engine: Engine, request: TableDriftRequest): Promise<TableDriftResult> {
  const { unit } = request;
  const [reference, current] = [request.reference, request.current].map((path) => readTable(engine, path));
  for (const path of [request.reference, request.current]) {
    await requireReadable(engine, path);
    await countedColumns(engine, readTable(engine, path), unit === null ? [] : [unit], path);
  }
  const { wanted, left_out } = await chooseColumns(engine, reference, request);
  if (request.compat !== null) {
    const { statistics } = compatSystem(request.compat);
    const features = wanted.filter(({ kind }) => request.features !== null || statistics[kind].length > 0);
    const report = await driftByCompat(engine, {
      ...request,
      system: request.compat,
      features: requireSome(features, left_out).map(({ name }) => name),
      reference: { relation: reference, where: request.reference },
      current: { relation: current, where: request.current },
    });
    return { report, left_out };
  }
  const { bins, refused } = await planBins(engine, reference, wanted, request.seed);
  refuseNamed(request, refused);
  left_out.push(...refused);
  const watched = requireSome(
    wanted.filter(({ name }) => bins.has(name)),
    left_out,
  );
  const counted = { bins, unit, window: null };
  const before = await countProfile(engine, { relation: reference, columns: watched, ...counted });
  const names = watched.map(({ name }) => name);
  const columns = await countedColumns(engine, current, names, request.current);
  requireKinds(columns, before.columns, request.current);
  const after = await countProfile(engine, { relation: current, columns, ...counted });
  return {
    report: tableDrift(before, after, { ...request, statistic: request.statistic ?? undefined }),
    left_out,
  };
}

const WHOLE = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT|UUID)$/;
const TIMES = /^(DATE|TIME.*)$/;
const IDENTIFIER = /(^|_)id$/i;

/** The columns named, or all but those that differ between any two tables whatever happened in between. */
async function chooseColumns(
  engine: Engine,
  relation: Sql,
  { features, unit, reference }: TableDriftRequest,
): Promise<{ wanted: CountedColumn[]; left_out: LeftOut[] }> {
  const columns = await countedColumns(engine, relation, features, reference);
  if (features !== null) {
    return { wanted: columns, left_out: [] };
  }
  const types = new Map(
    (await engine.describe(sql`SELECT * FROM ${relation} AS described`)).map(({ name, type }) => [
      name,
      type,
    ]),
  );
  const left_out = columns.flatMap(({ name }): LeftOut[] => {
    const type = types.get(name) ?? '';
    const reason =
      name === unit
        ? 'it names the unit'
        : WHOLE.test(type) && IDENTIFIER.test(name)
          ? 'an identifier, by its name (--features watches it all the same)'
          : TIMES.test(type)
            ? 'a time moves by itself (--features watches it all the same)'
            : null;
    return reason === null ? [] : [{ name, reason }];
  });
  return { wanted: columns.filter(({ name }) => !left_out.some((left) => left.name === name)), left_out };
}

function requireSome<T>(columns: T[], leftOut: readonly LeftOut[]): T[] {
  if (columns.length === 0) {
    throw new ChurnError('data.invalid', {
      expected: 'a column that can be watched',
      came: leftOut.map(({ name, reason }) => `${name}: ${reason}`).join('; ') || 'none',
      fix: 'name columns with --features',
    });
  }
  return columns;
}

/** Who names an identifier is told, instead of its being left out. */
function refuseNamed({ features }: TableDriftRequest, refused: BinPlan['refused']): void {
  if (features !== null && refused.length > 0) {
    throw new ChurnError('data.column_type', {
      expected: 'categories or numbers in --features',
      came: refused.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
      fix: 'leave these columns out',
    });
  }
}
