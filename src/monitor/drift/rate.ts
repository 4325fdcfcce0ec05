import { studentTwoSided } from '../../maths/distributions.js';
import { normalQuantile, normalSurvival } from '../../maths/special.js';
import { type CellPair, type Comparison, noRows } from './cells.js';
import type { Evidence, Sampling } from './evidence.js';
import { contrastError, groupsOf } from './jackknife.js';
import type { Statistic } from './statistic.js';

/** Rows of a kind in each window. */
export interface Rate {
  reference: number;
  current: number;
}

/** What a statistic about a share of rows adds to the shape that all of them have. */
export interface RateFacts {
  id: string;
  title: string;
  short: string;
  /** Whose share it is. */
  what: string;
  appliesTo: Statistic['appliesTo'];
  bands: Statistic['bands'];
  /** The rows in question. */
  rows(comparison: Comparison): Rate;
  /** How many the evidence grants the reference, where its definition leaves it none; default its count. */
  expected?(comparison: Comparison): number;
  /** The coarse cells that hold them. */
  holds(cell: CellPair, comparison: Comparison): boolean;
}

const Z95 = normalQuantile(0.975);

/** Wilson's 95 % interval of a share: never outside [0, 1], and of use where no row or every row counts. Source: Wilson 1927. */
export function wilsonInterval(count: number, rows: number): [number, number] {
  const z2 = Z95 * Z95;
  const share = count / rows;
  const centre = (share + z2 / (2 * rows)) / (1 + z2 / rows);
  const half = (Z95 / (1 + z2 / rows)) * Math.sqrt((share * (1 - share)) / rows + z2 / (4 * rows * rows));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** 95 % interval of the difference of two shares from their Wilson intervals. Source: Newcombe 1998, method 10. */
export function newcombeInterval(count: Rate, rows: Rate): [number, number] {
  const p = count.reference / rows.reference;
  const q = count.current / rows.current;
  const [lowP, highP] = wilsonInterval(count.reference, rows.reference);
  const [lowQ, highQ] = wilsonInterval(count.current, rows.current);
  return [q - p - Math.hypot(q - lowQ, highP - p), q - p + Math.hypot(highQ - q, p - lowP)];
}

/** A statistic about a share of rows: its difference, a two-proportion z, and a Newcombe interval. */
export function rateStatistic(facts: RateFacts): Statistic {
  const { id, title, short, what, appliesTo, bands } = facts;
  return {
    id,
    title,
    short,
    formula: `share of ${what} now less that in the reference`,
    unit: 'share of rows',
    range: [-1, 1],
    appliesTo,
    undefinedWhen: 'a window has no rows',
    source: 'two-proportion z with pooled variance (statsmodels proportions_ztest); Newcombe 1998',
    bands,
    of: (comparison) => {
      const reason = noRows(comparison);
      const rate = facts.rows(comparison);
      return reason === null
        ? { value: rate.current / comparison.current.rows - rate.reference / comparison.reference.rows }
        : { value: null, reason };
    },
    evidence: (comparison, sampling) => rateEvidence(facts, comparison, sampling),
    // A share that has not shown itself is taken as that of the warn level: fewer rows would not show it either.
    nullBound: (comparison, n) => {
      const { reference, current } = facts.rows(comparison);
      const granted = facts.expected?.(comparison) ?? reference;
      const rows = comparison.reference.rows + comparison.current.rows;
      const share = Math.min(0.5, Math.max(bands.warn, (granted + current + 1) / (rows + 2)));
      return normalQuantile(0.995) * Math.sqrt((share * (1 - share)) / n);
    },
  };
}

/**
 * Independent rows: the pooled z. With several rows per unit: the jackknife over unit groups of the cells that hold the rows;
 * where they hold others too (an end bin holds what is out of range) its design effect, at least 1, stretches the z.
 */
function rateEvidence(facts: RateFacts, comparison: Comparison, { unitAware }: Sampling): Evidence | null {
  const counted = facts.rows(comparison);
  const rows = { reference: comparison.reference.rows, current: comparison.current.rows };
  // What is granted can explain a rise, it is no fall.
  const alike = Math.max(counted.reference, (counted.current / rows.current) * rows.reference);
  const granted = Math.min(alike, facts.expected?.(comparison) ?? counted.reference);
  const count = { ...counted, reference: granted };
  const pooled = (count.reference + count.current) / (rows.reference + rows.current);
  const plain = Math.sqrt(pooled * (1 - pooled) * (1 / rows.reference + 1 / rows.current));
  const difference = count.current / rows.current - count.reference / rows.reference;
  if (!unitAware) {
    const z = difference === 0 ? 0 : difference / plain;
    return {
      p: 2 * normalSurvival(Math.abs(z)),
      method: 'two_proportions',
      statistic: z,
      degrees: null,
      designEffect: 1,
      interval: newcombeInterval(count, rows),
    };
  }
  const weights = comparison.cells.map((cell) => (facts.holds(cell, comparison) ? 1 : 0));
  const spread = contrastError(groupsOf(comparison), weights);
  if (spread === null) {
    return null;
  }
  const held = comparison.cells.reduce(
    (sum, cell, i) => sum + weights[i] * (cell.reference + cell.current),
    0,
  );
  const exact = held === counted.reference + counted.current;
  const effect = spread.independent === 0 ? 1 : (spread.error / spread.independent) ** 2;
  const designEffect = exact ? effect : Math.max(1, effect);
  const error = exact && spread.error > 0 ? spread.error : plain * Math.sqrt(designEffect);
  const t = difference === 0 ? 0 : difference / error;
  return {
    p: studentTwoSided(t, spread.groups - 1),
    method: 'jackknife',
    statistic: t,
    degrees: spread.groups - 1,
    designEffect,
    interval: [difference - Z95 * error, difference + Z95 * error],
  };
}
