import type { ColumnProfile } from '../profile/profile.js';
import type { Comparison } from './cells.js';
import { rateStatistic } from './rate.js';
import type { Statistic } from './statistic.js';

const rate = rateStatistic({
  id: 'out_of_range_rate',
  title: 'Change of the rate of values out of range',
  short: 'out of range',
  what: 'values below the smallest or above the largest of the reference',
  appliesTo: ['numeric'],
  bands: { warn: 0.01, fail: 0.05 },
  rows: ({ reference, current }) => ({ reference: outside(reference), current: outside(current) }),
  // The end bins hold them, among others; a column of few values has them in "other".
  holds: ({ kind, index }, { reference: { bins } }) =>
    kind === 'other' ||
    (bins.kind === 'numeric' && (index === bins.coarse[0] || index === bins.coarse.at(-1))),
});

/**
 * Values below or above all values of the reference, infinities included. Where the reference itself gave the range it
 * holds none, so a two-proportion z would be wrong: `t` of M current values lie outside N others in one of the rankings that
 * are all alike, with chance r^t (1 + t (1 - r)), r = M / (N + M). Source: exceedance tests, Gastwirth 1968.
 */
export const outOfRangeRate: Statistic = {
  ...rate,
  source: 'exceedances of both ends (Gastwirth 1968); two-proportion z against a reference of other rows',
  evidence: (comparison, sampling) => {
    const found = rate.evidence(comparison, sampling);
    if (found === null || outside(comparison.reference) > 0) {
      return found;
    }
    const designEffect = Math.max(1, found.designEffect);
    const count = outside(comparison.current);
    const p = exceedance(count / designEffect, currentShare(comparison));
    return { ...found, p, method: 'exceedance', statistic: count, degrees: null, designEffect };
  },
  nullBound: (comparison, n) => {
    const share = currentShare(comparison);
    let [low, high] = [0, 1];
    while (exceedance(high, share) > 0.01) {
      [low, high] = [high, high * 2];
    }
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      [low, high] = exceedance(middle, share) > 0.01 ? [middle, high] : [low, middle];
    }
    return outside(comparison.reference) > 0
      ? rate.nullBound(comparison, n)
      : Math.min(1, (high * (1 - share)) / n);
  },
};

/** Chance that at least so many values of the window that holds `share` of all lie outside the other one. */
function exceedance(count: number, share: number): number {
  return share ** count * (1 + count * (1 - share));
}

/** Part of all values that are current ones; never 1, so that a lone reference row is no crash. */
function currentShare({ reference, current }: Comparison): number {
  const [n, m] = [reference.rows - reference.nulls, current.rows - current.nulls];
  return (m + 0.5) / (n + m + 1);
}

function outside({ moments }: ColumnProfile): number {
  return (moments?.below ?? 0) + (moments?.above ?? 0);
}
