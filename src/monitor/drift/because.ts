import { meanOf } from '../profile/moments.js';
import type { ColumnProfile } from '../profile/profile.js';
import type { PsiCell, PsiPart } from './report.js';

export const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const number = (x: number) => String(Number(x.toPrecision(4)));
const shareOf = (count: number, rows: number) => (rows === 0 ? 0 : count / rows);

/** One sentence for people: what moved most, from the largest part of the PSI. */
export function movement(
  reference: ColumnProfile,
  current: ColumnProfile,
  parts: readonly PsiPart[],
  cells: readonly PsiCell[],
): string {
  const largest = parts.reduce((a, b) => (b.psi > a.psi ? b : a));
  switch (largest.cause) {
    case 'nulls':
      return nullsMoved(reference, current);
    case 'unseen':
      return unseenMoved(reference, current, cells);
    case 'out_of_range':
      return rangeLeft(reference, current);
    case 'shape':
      return reference.bins.kind === 'numeric'
        ? valuesMoved(reference, current, cells)
        : `${reference.name}: ${cellMoved(cells)}`;
  }
}

function nullsMoved(reference: ColumnProfile, current: ColumnProfile): string {
  const now = shareOf(current.nulls, current.rows);
  const before = shareOf(reference.nulls, reference.rows);
  return `${percent(now)} of ${reference.name} is now null (${percent(before)} in the reference)`;
}

function unseenMoved(reference: ColumnProfile, current: ColumnProfile, cells: readonly PsiCell[]): string {
  const label = reference.bins.kind === 'numeric' ? 'other' : '(unseen)';
  const cell = cells.find((candidate) => candidate.label === label);
  const names = current.unseen.slice(0, 3).map(({ value }) => JSON.stringify(value));
  const named = names.length > 0 ? `, most often ${names.join(', ')}` : '';
  const now = percent(cell?.current ?? 0);
  return `${now} of ${reference.name} now holds values that the reference does not have${named}`;
}

function rangeLeft(reference: ColumnProfile, current: ColumnProfile): string {
  const { bins, moments } = current;
  if (bins.kind !== 'numeric' || !moments) {
    return `${reference.name} left the range of the reference`;
  }
  const [end, rows, count] =
    moments.above >= moments.below
      ? ([`above its reference maximum ${number(bins.range[1])}`, current.rows, moments.above] as const)
      : ([`below its reference minimum ${number(bins.range[0])}`, current.rows, moments.below] as const);
  return `${percent(shareOf(count, rows))} of ${reference.name} is now ${end}`;
}

function valuesMoved(reference: ColumnProfile, current: ColumnProfile, cells: readonly PsiCell[]): string {
  const before = reference.moments && meanOf(reference.moments);
  const now = current.moments && meanOf(current.moments);
  if (before === null || now === null || number(before) === number(now)) {
    return `${reference.name} changed its shape: ${cellMoved(cells)}`;
  }
  const direction = now > before ? 'up' : 'down';
  const means = `mean ${number(now)} (${number(before)} in the reference)`;
  return `${reference.name}: values moved ${direction}, ${means}; ${cellMoved(cells)}`;
}

/** The cell that adds most. */
function cellMoved(cells: readonly PsiCell[]): string {
  const most = cells.reduce((a, b) => (b.psi > a.psi ? b : a));
  return `the share of "${most.label}" went from ${percent(most.reference)} to ${percent(most.current)}`;
}
