import { type Ranking, totalsOf } from './ranking.js';

/** One tenth of the rows, highest scores first. */
export interface GainsRow {
  decile: number;
  rows: number;
  positives: number;
  /** Share of positives in the tenth over that of all rows. */
  lift: number;
  /** Share of all positives in this tenth and those above. */
  capture: number;
  /** Share of positives in this tenth and those above, over that of all rows. */
  cumulative_lift: number;
}

const TENTHS = 10;

/**
 * Lift and capture by decile. Rows of one score that lie on a cut are shared out in proportion, which is what breaking
 * ties at random gives on average; so positives need not be whole. Empty without a positive row. The same as the
 * cumulative gains curve read at tenths. Source: Ling and Li 1998.
 */
export function gains(ranking: Ranking): GainsRow[] {
  const { positives, negatives } = totalsOf(ranking);
  if (positives === 0) {
    return [];
  }
  const rows = positives + negatives;
  const captured = capturedAtTenths(ranking, rows);
  return captured.slice(1).map((until, i) => {
    const here = until - captured[i];
    return {
      decile: i + 1,
      rows: rows / TENTHS,
      positives: here,
      lift: (here / positives) * TENTHS,
      capture: until / positives,
      cumulative_lift: ((until / positives) * TENTHS) / (i + 1),
    };
  });
}

/** Positives among the first 0, 1/10, ... 10/10 of the rows. */
function capturedAtTenths({ length, positive, negative }: Ranking, rows: number): number[] {
  const captured = [0];
  let seen = 0;
  let found = 0;
  for (let i = 0; i < length; i++) {
    const here = positive[i] + negative[i];
    while (captured.length < TENTHS && (captured.length * rows) / TENTHS <= seen + here) {
      captured.push(found + (positive[i] * ((captured.length * rows) / TENTHS - seen)) / here);
    }
    seen += here;
    found += positive[i];
  }
  while (captured.length <= TENTHS) {
    captured.push(found);
  }
  return captured;
}
