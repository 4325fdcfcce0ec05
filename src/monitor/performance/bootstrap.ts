import { argsortDescending } from '../../maths/argsort.js';
import { quantileSorted, sortedWithoutNaN } from '../../maths/sorted.js';
import { type Random, random } from '../../random.js';
import { squaredError } from './brier.js';
import { logLossOf } from './log-loss.js';
import type { Scores } from './measure.js';
import type { Interval, MeasureId } from './report.js';

/** One value per draw; NaN where a draw held one class only. */
export type Draws = Record<MeasureId, Float64Array>;

export const DEFAULT_DRAWS = 1_000;

/**
 * Bootstrap over users: each draw takes as many users as there are, with replacement, and a user's rows come
 * along together, so that rows of one user do not count as independent. All models see the same draws, which
 * makes differences paired. Rows are sorted once per model; a draw is then one pass in that order. Exact, O(draws
 * x rows).
 *
 * `units` holds the user of each row as a dense index 0..users-1. Source: Efron and Tibshirani 1993, ch. 8; Field
 * and Welsh 2007.
 */
export function bootstrapUsers(
  labels: Uint8Array,
  models: readonly Scores[],
  units: Int32Array,
  { seed, draws = DEFAULT_DRAWS }: { seed: number | string; draws?: number },
): Draws[] {
  const users = units.reduce((most, unit) => Math.max(most, unit + 1), 0);
  const chance = random(seed);
  const prepared = models.map((scores) => prepare(labels, scores, units, users));
  const results = models.map(() => emptyDraws(draws));
  const rowsOf = new Float64Array(users);
  units.forEach((unit) => {
    rowsOf[unit]++;
  });
  const times = new Int32Array(users);
  for (let draw = 0; draw < draws; draw++) {
    drawUsers(times, chance);
    const rows = dot(rowsOf, times);
    prepared.forEach((model, i) => {
      const ranked = rankedMeasures(model, times);
      results[i].roc_auc[draw] = ranked.rocAuc;
      results[i].pr_auc[draw] = ranked.averagePrecision;
      results[i].log_loss[draw] = dot(model.logLoss, times) / rows;
      results[i].brier[draw] = dot(model.squaredError, times) / rows;
    });
  }
  return results;
}

/** Percentile interval of the draws that are defined; null when fewer than nine in ten are. */
export function percentileInterval(draws: Float64Array, level = 0.95): Interval | null {
  const sorted = sortedWithoutNaN(draws);
  if (sorted.length < 0.9 * draws.length || sorted.length === 0) {
    return null;
  }
  return [quantileSorted(sorted, (1 - level) / 2), quantileSorted(sorted, (1 + level) / 2)];
}

/** Value that a share `level` of the draws lies above: the one-sided lower bound. Null as above. */
export function lowerBoundOf(draws: Float64Array, level = 0.95): number | null {
  const sorted = sortedWithoutNaN(draws);
  return sorted.length < 0.9 * draws.length || sorted.length === 0 ? null : quantileSorted(sorted, 1 - level);
}

interface Prepared {
  /** User of each row, highest score first, with the label in the lowest bit. */
  coded: Int32Array;
  /** 1 where the next row has another score. */
  last: Uint8Array;
  /** Sums of the losses of each user. */
  logLoss: Float64Array;
  squaredError: Float64Array;
}

function prepare(labels: Uint8Array, scores: Scores, units: Int32Array, users: number): Prepared {
  const order = argsortDescending(scores);
  const n = order.length;
  const coded = new Int32Array(n);
  const last = new Uint8Array(n);
  const logLoss = new Float64Array(users);
  const squared = new Float64Array(users);
  for (let i = 0; i < n; i++) {
    const row = order[i];
    coded[i] = units[row] * 2 + labels[row];
    last[i] = i === n - 1 || scores[order[i + 1]] !== scores[row] ? 1 : 0;
    logLoss[units[row]] += logLossOf(labels[row], scores[row]);
    squared[units[row]] += squaredError(labels[row], scores[row]);
  }
  return { coded, last, logLoss, squaredError: squared };
}

/** Both measures of ranking in one pass; NaN with one class. */
function rankedMeasures(
  { coded, last }: Prepared,
  times: Int32Array,
): { rocAuc: number; averagePrecision: number } {
  let [positives, negatives, pairs, precision] = [0, 0, 0, 0];
  let [up, down] = [0, 0];
  for (let i = 0; i < coded.length; i++) {
    const code = coded[i];
    const weight = times[code >> 1];
    if ((code & 1) === 1) {
      up += weight;
    } else {
      down += weight;
    }
    if (last[i] === 1) {
      pairs += down * (positives + up / 2);
      positives += up;
      negatives += down;
      if (up > 0) {
        precision += (up * positives) / (positives + negatives);
      }
      up = 0;
      down = 0;
    }
  }
  const defined = positives > 0 && negatives > 0;
  return {
    rocAuc: defined ? pairs / (positives * negatives) : Number.NaN,
    averagePrecision: defined ? precision / positives : Number.NaN,
  };
}

function drawUsers(times: Int32Array, chance: Random): void {
  times.fill(0);
  for (let i = 0; i < times.length; i++) {
    times[chance.integer(times.length)]++;
  }
}

function dot(values: Float64Array, times: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] * times[i];
  }
  return sum;
}

function emptyDraws(draws: number): Draws {
  return {
    pr_auc: new Float64Array(draws),
    roc_auc: new Float64Array(draws),
    log_loss: new Float64Array(draws),
    brier: new Float64Array(draws),
  };
}
