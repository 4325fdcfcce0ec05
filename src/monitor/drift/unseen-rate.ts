import type { CellPair, Comparison, Side } from './cells.js';
import { rateStatistic } from './rate.js';

/**
 * Categories that the reference does not hold; of a numeric column with few values, numbers between, below or above them.
 * The reference holds none by definition, but its next row might: in the evidence it counts the rows whose category it has
 * once, which are unseen by all its other rows (Good and Turing's estimate).
 */
export const unseenRate = rateStatistic({
  id: 'unseen_rate',
  title: 'Change of the rate of unseen values',
  short: 'unseen',
  what: 'values that the reference does not have a bin for',
  appliesTo: ['numeric', 'categorical'],
  bands: { warn: 0.01, fail: 0.05 },
  rows: (comparison) => ({
    reference: unseenOf(comparison, 'reference'),
    current: unseenOf(comparison, 'current'),
  }),
  expected: (comparison) => Math.max(unseenOf(comparison, 'reference'), singles(comparison)),
  holds: isUnseen,
});

function unseenOf({ cells }: Comparison, side: Side): number {
  return cells.reduce((sum, cell) => sum + (isUnseen(cell) ? cell[side] : 0), 0);
}

function isUnseen({ kind }: CellPair): boolean {
  return kind === 'unseen' || kind === 'other';
}

/** Values with a bin of their own that the reference holds once; of the rare ones at least so many. */
function singles({ reference, cells }: Comparison): number {
  const { bins } = reference;
  const own = cells.filter(({ kind, reference: rows }) => kind === 'bin' && rows === 1).length;
  if (bins.kind === 'numeric') {
    return bins.coarse_labels.length <= 21 && cells.some(isUnseen) ? own : 0;
  }
  const rare = cells.find(({ kind }) => kind === 'rare')?.reference ?? 0;
  return own + Math.max(0, 2 * bins.rare.length - rare);
}
