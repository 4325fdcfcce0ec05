import { cellEvidence } from './cell-evidence.js';
import { type CellPair, type Comparison, noValues } from './cells.js';
import type { PsiCell } from './report.js';
import { nullChiSquared, UNDEFINED_CELLS } from './shares.js';
import type { Statistic, StatisticValue } from './statistic.js';

/**
 * Population stability index of two vectors of shares: sum (q - p) ln(q / p), natural logarithm.
 * A bin that is 0 on both sides adds nothing; one that is 0 on one side makes it Infinity, so apply a zero rule first.
 */
export function psiOfShares(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, i) => sum + psiTerm(share, q[i]), 0);
}

/** What one bin adds to the PSI; never negative. */
export function psiTerm(p: number, q: number): number {
  return p === q ? 0 : (q - p) * Math.log(q / p);
}

/** Shares smoothed by Jeffreys' rule: (count + 1/2) / (rows + k/2) over the k given cells. They sum to 1. */
export function jeffreysShares(counts: readonly number[]): number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count + 0.5) / (rows + counts.length / 2));
}

/** The cells of a feature with smoothed shares and what each adds; in the order given. */
export function psiCells(cells: readonly CellPair[]): PsiCell[] {
  const p = jeffreysShares(cells.map((cell) => cell.reference));
  const q = jeffreysShares(cells.map((cell) => cell.current));
  return cells.map(({ label }, i) => ({ label, reference: p[i], current: q[i], psi: psiTerm(p[i], q[i]) }));
}

function psiOf(comparison: Comparison): StatisticValue {
  const reason = noValues(comparison);
  return reason === null
    ? { value: psiCells(comparison.cells).reduce((sum, cell) => sum + cell.psi, 0) }
    : { value: null, reason };
}

/** Mean of the PSI of an unchanged feature over k cells: (k - 1) / n with n = N M / (N + M). Source: Yurdakul 2018. */
export function psiNullMean({ cells }: Comparison, n: number): number {
  return (cells.length - 1) / n;
}

/** Bins and zero rule, to be recorded with every value. */
export const PSI_RULE =
  '10 reference quantile bins with open ends; spikes, few distinct values, nulls and unseen values in bins of their own; ' +
  'shares smoothed by Jeffreys (count + 1/2) / (rows + k/2); bins empty on both sides left out';

/** The effect that judges by default; the bands 0.1 and 0.25 are convention (Siddiqi 2006). */
export const psi: Statistic = {
  id: 'psi',
  title: 'Population stability index',
  short: 'PSI',
  formula: 'sum over cells of (q - p) ln(q / p), shares smoothed by Jeffreys',
  unit: 'nats, both ways',
  range: [0, Infinity],
  appliesTo: ['numeric', 'categorical'],
  undefinedWhen: UNDEFINED_CELLS,
  source: 'Siddiqi, Credit Risk Scorecards (2006), with Jeffreys smoothing',
  bands: { warn: 0.1, fail: 0.25 },
  of: psiOf,
  evidence: cellEvidence,
  nullBound: (comparison, n) => nullChiSquared(comparison) / n,
};
