import type { ColumnProfile } from '../profile/profile.js';
import type { CellPair } from './cells.js';
import type { PsiCell, PsiPart } from './report.js';

interface Mass {
  p: number;
  q: number;
}

/** Rise of the share of rows below and above the reference range, current less reference; 0 for categories. */
export interface OutsideRise {
  low: number;
  high: number;
}

export function outsideRise(reference: ColumnProfile, current: ColumnProfile): OutsideRise {
  const share = (side: ColumnProfile, end: 'below' | 'above') =>
    (side.moments?.[end] ?? 0) / Math.max(side.rows, 1);
  const rise = (end: 'below' | 'above') => Math.max(0, share(current, end) - share(reference, end));
  return { low: rise('below'), high: rise('above') };
}

/**
 * The PSI split by cause; the parts are never negative and sum to it. PSI is KL(q|p) + KL(p|q), and the chain
 * rule of KL splits it exactly, question by question, each among the rows the earlier ones left over:
 *
 * - `nulls`: is there a value at all?
 * - `unseen`: is it one the reference knows (unseen categories; for a column of few values the cell "other")?
 * - `out_of_range`: is it in an end bin that grew? Of that, the fraction of the growth that is values outside the
 *   reference range; the same fraction of "other" is taken from `unseen`.
 * - `shape`: all the rest, the movement among known values inside the range.
 *
 * So a column that merely gets more nulls has its whole PSI in `nulls`, although the shares of all its bins shrink.
 */
export function psiParts(
  pairs: readonly CellPair[],
  cells: readonly PsiCell[],
  outside: OutsideRise,
  ends: { low: number; high: number } | null,
): PsiPart[] {
  const total = cells.reduce((sum, cell) => sum + cell.psi, 0);
  const remaining = new Set(pairs.keys());
  const rows = (side: 'reference' | 'current') =>
    Math.max(
      1,
      pairs.reduce((sum, pair) => sum + pair[side], 0),
    );
  const rise = (i: number) => pairs[i].current / rows('current') - pairs[i].reference / rows('reference');
  const mass = (places: Iterable<number>): Mass => {
    const sum = { p: 0, q: 0 };
    for (const i of places) {
      sum.p += cells[i].reference;
      sum.q += cells[i].current;
    }
    return sum;
  };
  /** The term of the question "in these cells or in the rest?"; afterwards they are gone. */
  const peel = (places: number[]): number => {
    const all = mass(remaining);
    const inside = mass(places);
    for (const i of places) {
      remaining.delete(i);
    }
    return splitTerm(inside, mass(remaining), all);
  };
  const placesOf = (...kinds: CellPair['kind'][]) =>
    [...pairs.keys()].filter((i) => kinds.includes(pairs[i].kind));
  const outsideIn = (i: number) =>
    (ends?.low === pairs[i].index ? outside.low : 0) + (ends?.high === pairs[i].index ? outside.high : 0);
  const outsideFraction = (places: number[]) => {
    const growth = places.reduce((sum, i) => sum + rise(i), 0);
    const beyond = places.reduce((sum, i) => sum + outsideIn(i), 0);
    return growth > 0 && beyond > 0 ? Math.min(1, beyond / growth) : 0;
  };

  const nulls = peel(placesOf('null'));
  const strangers = placesOf('unseen', 'other');
  const strangersOutside = outsideFraction(strangers);
  const strange = peel(strangers);
  const grown = placesOf('bin').filter((i) => outsideIn(i) > 0 && rise(i) > 0);
  const grownOutside = outsideFraction(grown);
  const atEnds = peel(grown);

  const unseen = strange * (1 - strangersOutside);
  const outOfRange = strange * strangersOutside + atEnds * grownOutside;
  return [
    { cause: 'nulls', psi: nulls },
    { cause: 'unseen', psi: unseen },
    { cause: 'out_of_range', psi: outOfRange },
    { cause: 'shape', psi: Math.max(0, total - nulls - unseen - outOfRange) },
  ];
}

/**
 * KL both ways of a two-way split, weighted by the mass it splits: (Q_s - P_s) ln((Q_s / Q) / (P_s / P)) over both
 * halves.
 */
function splitTerm(inside: Mass, rest: Mass, all: Mass): number {
  const term = (half: Mass) =>
    half.p > 0 && half.q > 0 ? (half.q - half.p) * Math.log(half.q / all.q / (half.p / all.p)) : 0;
  return Math.max(0, term(inside) + term(rest));
}
