import type { ColumnProfile, TableProfile } from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { type CountRequest, countProfile } from './count-profile.js';
import { type BinPlan, planBins } from './plan-bins.js';

/**
 * The profile of a relation over bins of its own, for others to be compared with; and the columns that were refused as
 * identifiers. Edges come from a seeded sample, the range that later values are in or out of from all rows.
 */
export async function countReference(
  engine: Engine,
  request: Omit<CountRequest, 'bins' | 'by' | 'values'>,
  seed: number,
): Promise<{ profile: TableProfile; refused: BinPlan['refused'] }> {
  const { bins, refused, values } = await planBins(engine, request, seed);
  const counted = request.columns.filter(({ name }) => bins.has(name));
  const profile = await countProfile(engine, {
    ...request,
    columns: counted,
    bins,
    values: request.unit === null ? values : undefined,
  });
  return { profile: { ...profile, columns: profile.columns.map(withOwnRange) }, refused };
}

/** No value of the reference lies outside its own range. */
function withOwnRange(column: ColumnProfile): ColumnProfile {
  const { bins, moments } = column;
  if (bins.kind !== 'numeric' || moments === null || moments.min === null || moments.max === null) {
    return column;
  }
  const range: [number, number] = [moments.min, moments.max];
  const infinities = column.rows - column.nulls - moments.finite;
  return {
    ...column,
    bins: { ...bins, range },
    moments: infinities === 0 ? { ...moments, below: 0, above: 0 } : moments,
  };
}
