import { logGamma } from '../../maths/special.js';
import type { Random } from '../../random.js';
import { type CountTable, pearsonStatistic, total } from './evidence.js';

/** Most resampled tables; the smallest p-value is one in this number plus one. */
const MOST_DRAWS = 9_999;
/** Once so many resampled tables were at least as far apart, the answer is clear enough. */
const ENOUGH_HITS = 100;

/**
 * Permutation p-value of Pearson's X2: rows are dealt anew to the two windows with all totals kept, which is one draw
 * from the multivariate hypergeometric distribution per table. p = (hits + 1) / (draws + 1), or hits / draws when
 * stopped at 100 hits (Besag and Clifford 1991), which is also exact in level.
 */
export function permutationP(table: CountTable, chance: Random): number {
  const observed = pearsonStatistic(table) * (1 - 1e-10);
  const columns = table.reference.map((count, i) => count + table.current[i]);
  const drawn = total(table.current);
  let hits = 0;
  for (let draw = 1; draw <= MOST_DRAWS; draw++) {
    const current = dealCounts(columns, drawn, chance);
    const reference = columns.map((count, i) => count - current[i]);
    if (pearsonStatistic({ reference, current }) >= observed && ++hits === ENOUGH_HITS) {
      return hits / draw;
    }
  }
  return (hits + 1) / (MOST_DRAWS + 1);
}

/** How many of `drawn` rows, taken without replacement, fall in each cell of `columns` rows. */
export function dealCounts(columns: readonly number[], drawn: number, chance: Random): number[] {
  let population = total(columns);
  let left = drawn;
  return columns.map((good) => {
    const count = hypergeometric(good, population - good, left, chance);
    population -= good;
    left -= count;
    return count;
  });
}

/**
 * Hits among `draws` taken without replacement from `good` + `bad`. Inversion outwards from the mode: about one
 * step per standard deviation, so a million rows need a few hundred.
 */
export function hypergeometric(good: number, bad: number, draws: number, chance: Random): number {
  const least = Math.max(0, draws - bad);
  const most = Math.min(good, draws);
  if (least === most) {
    return least;
  }
  const mode = Math.min(most, Math.max(least, Math.floor(((draws + 1) * (good + 1)) / (good + bad + 2))));
  const atMode = Math.exp(
    logChoose(good, mode) + logChoose(bad, draws - mode) - logChoose(good + bad, draws),
  );
  let rest = chance.uniform() - atMode;
  let [low, high] = [mode, mode];
  let [pLow, pHigh] = [atMode, atMode];
  while (rest >= 0 && (low > least || high < most)) {
    if (high < most) {
      pHigh *= ((good - high) * (draws - high)) / ((high + 1) * (bad - draws + high + 1));
      high++;
      rest -= pHigh;
      if (rest < 0) {
        return high;
      }
    }
    if (low > least) {
      pLow *= (low * (bad - draws + low)) / ((good - low + 1) * (draws - low + 1));
      low--;
      rest -= pLow;
      if (rest < 0) {
        return low;
      }
    }
    if ((low === least || pLow < 1e-18) && (high === most || pHigh < 1e-18)) {
      break;
    }
  }
  return mode;
}

const logChoose = (n: number, k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
