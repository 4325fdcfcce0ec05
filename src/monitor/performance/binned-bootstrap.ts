import { type Random, random } from '../../random.js';
import { squaredError } from './brier.js';
import type { Confusion } from './confusion.js';
import { logLossOf } from './log-loss.js';
import { type Ranking, totalsOf } from './ranking.js';
import { type Draws, emptyDraws } from './resample.js';

const BINS = 2_048;

/**
 * Bootstrap of very many rows of as many users, over bins of neighbouring scores instead of rows: the number of times that
 * the n rows of a cell (bin and class) are drawn is Poisson(n). A draw then costs bins, not rows. Each bin has about the
 * same share of the positives and of the negatives, added up, so that rare positives do not fall into a few bins. Rows of
 * one score share a bin and a threshold begins one. It tells the spread: within a bin the order is lost, so the values
 * themselves are off by about 1 / bins. Source: Chamandy et al. 2012 (Poisson bootstrap).
 */
export function bootstrapBins(
  ranking: Ranking,
  { seed, draws, threshold }: { seed: number | string; draws: number; threshold?: number },
): Draws {
  const bins = binsOf(ranking, threshold ?? -Infinity);
  const chance = random(seed);
  const results = emptyDraws(draws);
  for (let draw = 0; draw < draws; draw++) {
    drawBins(bins, chance, results, draw, threshold !== undefined);
  }
  return results;
}

interface Bins {
  length: number;
  /** Of each cell, negatives (2 bin) and positives (2 bin + 1): rows, and means of the losses. */
  rows: Float64Array;
  logLoss: Float64Array;
  squaredError: Float64Array;
  /** Variance of the sums of the losses that comes from inside the cells. */
  within: { logLoss: number; squaredError: number };
  /** Bins whose rows are flagged. */
  flagged: number;
}

function binsOf(ranking: Ranking, threshold: number): Bins {
  const { length, score, positive, negative } = ranking;
  const { positives, negatives } = totalsOf(ranking);
  const [ofPositive, ofNegative] = [0.5 / Math.max(1, positives), 0.5 / Math.max(1, negatives)];
  const sums = Array.from({ length: 3 }, () => new Float64Array(4 * BINS + 4));
  const [rows, logLoss, squared] = sums;
  const within = { logLoss: 0, squaredError: 0 };
  let bins = 0;
  let flagged = 0;
  let inBin = 0;
  for (let i = 0; i < length; i++) {
    const crosses = i > 0 && score[i] < threshold && score[i - 1] >= threshold;
    if (i === 0 || inBin >= 1 / BINS || crosses) {
      bins++;
      inBin = 0;
    }
    flagged = score[i] >= threshold ? bins : flagged;
    inBin += positive[i] * ofPositive + negative[i] * ofNegative;
    for (let label = 0; label < 2; label++) {
      const count = label === 1 ? positive[i] : negative[i];
      if (count > 0) {
        const cell = 2 * (bins - 1) + label;
        const log = logLossOf(label, score[i]);
        const square = squaredError(label, score[i]);
        rows[cell] += count;
        logLoss[cell] += count * log;
        squared[cell] += count * square;
        within.logLoss += count * log * log;
        within.squaredError += count * square * square;
      }
    }
  }
  for (let cell = 0; cell < 2 * bins; cell++) {
    if (rows[cell] > 0) {
      within.logLoss -= logLoss[cell] ** 2 / rows[cell];
      within.squaredError -= squared[cell] ** 2 / rows[cell];
      logLoss[cell] /= rows[cell];
      squared[cell] /= rows[cell];
    }
  }
  within.logLoss = Math.max(0, within.logLoss);
  within.squaredError = Math.max(0, within.squaredError);
  return { length: bins, flagged, rows, logLoss, squaredError: squared, within };
}

function drawBins(bins: Bins, chance: Random, results: Draws, draw: number, withCells: boolean): void {
  let positives = 0;
  let negatives = 0;
  let pairs = 0;
  let precision = 0;
  let logLoss = 0;
  let squared = 0;
  let truePositives = 0;
  let falsePositives = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    const down = drawCount(bins.rows[2 * bin], chance);
    const up = drawCount(bins.rows[2 * bin + 1], chance);
    pairs += down * (positives + up / 2);
    positives += up;
    negatives += down;
    if (up > 0) {
      precision += (up * positives) / (positives + negatives);
    }
    logLoss += down * bins.logLoss[2 * bin] + up * bins.logLoss[2 * bin + 1];
    squared += down * bins.squaredError[2 * bin] + up * bins.squaredError[2 * bin + 1];
    if (bin === bins.flagged - 1) {
      truePositives = positives;
      falsePositives = negatives;
    }
  }
  const rows = positives + negatives;
  const defined = positives > 0 && negatives > 0;
  results.roc_auc[draw] = defined ? pairs / (positives * negatives) : Number.NaN;
  results.pr_auc[draw] = defined ? precision / positives : Number.NaN;
  results.log_loss[draw] = (logLoss + Math.sqrt(bins.within.logLoss) * chance.normal()) / rows;
  results.brier[draw] = (squared + Math.sqrt(bins.within.squaredError) * chance.normal()) / rows;
  if (withCells) {
    results.cells.push(cellsOf({ positives, negatives, truePositives, falsePositives }));
  }
}

function cellsOf(sums: {
  positives: number;
  negatives: number;
  truePositives: number;
  falsePositives: number;
}): Confusion {
  const { positives, negatives, truePositives, falsePositives } = sums;
  return {
    truePositives,
    falsePositives,
    falseNegatives: positives - truePositives,
    trueNegatives: negatives - falsePositives,
  };
}

/** Poisson(mean), by its normal approximation from 30 on. */
function drawCount(mean: number, chance: Random): number {
  if (mean === 0) {
    return 0;
  }
  return mean < 30 ? chance.poisson(mean) : Math.max(0, mean + Math.sqrt(mean) * chance.normal());
}
