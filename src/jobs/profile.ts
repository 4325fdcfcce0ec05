import { countedColumns } from '../data/count/columns.js';
import { countReference } from '../data/count/count-reference.js';
import type { Engine } from '../data/engine/engine.js';
import { readTable, requireReadable } from '../data/tables.js';
import { withoutRareNames } from '../monitor/profile/privacy.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import {
  type ColumnRequest,
  chooseColumns,
  type LeftOut,
  refuseNamed,
  requireSome,
} from './table-columns.js';

export interface ProfileRequest extends ColumnRequest {
  file: string;
  /** Of the columns that can be watched only these; null: all. */
  only?: readonly string[] | null;
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
  const { file, unit, leastRows, seed } = request;
  await requireReadable(engine, file);
  const relation = readTable(engine, file);
  await countedColumns(engine, relation, unit === null ? [] : [unit], file);
  const { wanted: found, left_out: unfit } = await chooseColumns(engine, relation, request, file, true);
  const { only = null } = request;
  const wanted = found.filter(({ name }) => only === null || only.includes(name));
  const left_out = only === null ? unfit : [];
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
