import { countReference } from '../data/count/count-reference.js';
import type { Engine } from '../data/engine/engine.js';
import type { Sql } from '../data/engine/sql.js';
import { openTable } from '../data/open-table.js';
import { withoutRareNames } from '../monitor/profile/privacy.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import {
  type ColumnRequest,
  chooseColumns,
  type LeftOut,
  refuseNamed,
  requireSome,
  requireUnit,
} from './table-columns.js';

export interface ProfileRequest extends ColumnRequest {
  file: string;
  /** Drops the names of categories with fewer rows; null keeps all. */
  leastRows: number | null;
  seed: number;
}

export interface ProfileResult {
  profile: TableProfile;
  left_out: LeftOut[];
}

/** The profile of any table, by bins of its own: a reference to compare other tables with. Errors: input.*, data.*. */
export async function profileTable(engine: Engine, request: ProfileRequest): Promise<ProfileResult> {
  const relation = await openTable(engine, request.file);
  return profileRelation(engine, relation, request, true);
}

/** @param times whether dates are profiled too */
export async function profileRelation(
  engine: Engine,
  relation: Sql,
  request: ProfileRequest,
  times: boolean,
): Promise<ProfileResult> {
  const { file, unit, leastRows, seed } = request;
  await requireUnit(engine, relation, unit, file);
  const { wanted, left_out } = await chooseColumns(engine, relation, request, file, times);
  const columns = requireSome(wanted, left_out);
  const counted = await countReference(engine, { relation, columns, unit, window: null }, seed);
  refuseNamed(request, counted.refused);
  left_out.push(...counted.refused);
  requireSome(counted.profile.columns, left_out);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const profile = {
    ...counted.profile,
    columns: counted.profile.columns.map((column) => ({ ...column, type: types.get(column.name) })),
  };
  return { profile: leastRows === null ? profile : withoutRareNames(profile, leastRows), left_out };
}
