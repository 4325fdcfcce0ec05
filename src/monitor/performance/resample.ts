import { type Sorted, sortDescending } from '../../maths/argsort.js';
import { binnedUsers, type RankedMeasures } from './binned-users.js';
import { squaredError } from './brier.js';
import type { Confusion } from './confusion.js';
import { logLossOf } from './log-loss.js';
import type { Scores } from './measure.js';
import type { MeasureId } from './report.js';
import { usersOf } from './users.js';

/** The measures of many samples of users, one value each; those of ranking are NaN where a sample held one class only. */
export interface Draws extends Record<MeasureId, Float64Array> {
  /** The rows by what was said and what happened, at the model's threshold; empty without one. */
  cells: Confusion[];
}

/** A model's scores, and the score from which on it flags a row; that stays what it is in every sample. */
export interface ScoredModel {
  scores: Scores;
  threshold?: number;
}

/**
 * Measures samples of users: `sampleUsers` is called once per draw with an array of zeros and says how many times each
 * user is in it. A user's rows come along together, so that they do not count as independent. All models see the same
 * samples, which makes differences paired. Rows are sorted once per model; a draw is then one pass in that order, exact;
 * or, `binned`, over bins of neighbouring scores, which tells the spread much faster. O(draws x rows).
 *
 * `units` holds the user of each row as a dense index 0..users-1.
 */
export function resample(
  labels: Uint8Array,
  models: readonly ScoredModel[],
  units: Int32Array,
  draws: number,
  sampleUsers: (times: Int32Array, draw: number) => void,
  binned = false,
): Draws[] {
  const users = usersOf(units);
  const prepared = models.map((model) => prepare(labels, model, units, users, binned));
  const results = models.map(() => emptyDraws(draws));
  const rowsOf = new Float64Array(users);
  for (let row = 0; row < units.length; row++) {
    rowsOf[units[row]]++;
  }
  const times = new Int32Array(users);
  for (let draw = 0; draw < draws; draw++) {
    times.fill(0);
    sampleUsers(times, draw);
    const rows = dot(rowsOf, times);
    prepared.forEach((model, i) => {
      const ranked = model.ranked(times);
      results[i].roc_auc[draw] = ranked.rocAuc;
      results[i].pr_auc[draw] = ranked.averagePrecision;
      results[i].log_loss[draw] = dot(model.logLoss, times) / rows;
      results[i].brier[draw] = dot(model.squaredError, times) / rows;
      if (model.cells) {
        results[i].cells.push(cellsOf(model.cells, times));
      }
    });
  }
  return results;
}

export function emptyDraws(draws: number): Draws {
  return {
    pr_auc: new Float64Array(draws),
    roc_auc: new Float64Array(draws),
    log_loss: new Float64Array(draws),
    brier: new Float64Array(draws),
    cells: [],
  };
}

interface Prepared {
  ranked(times: Int32Array): RankedMeasures;
  /** Sums of the losses of each user. */
  logLoss: Float64Array;
  squaredError: Float64Array;
  /** Rows of each user: left alone and flagged, of negatives (0, 1) and of positives (2, 3). */
  cells: Float64Array[] | null;
}

function prepare(
  labels: Uint8Array,
  { scores, threshold }: ScoredModel,
  units: Int32Array,
  users: number,
  binned: boolean,
): Prepared {
  const logLoss = new Float64Array(users);
  const squared = new Float64Array(users);
  const cells = threshold === undefined ? null : Array.from({ length: 4 }, () => new Float64Array(users));
  for (let row = 0; row < labels.length; row++) {
    const unit = units[row];
    const label = labels[row];
    const score = scores[row];
    logLoss[unit] += logLossOf(label, score);
    squared[unit] += squaredError(label, score);
    if (cells) {
      cells[2 * label + (score >= (threshold as number) ? 1 : 0)][unit]++;
    }
  }
  const sorted = sortDescending(scores);
  const ranked = binned ? binnedUsers(labels, sorted, units, users) : exactly(labels, sorted, units);
  return { ranked, logLoss, squaredError: squared, cells };
}

interface CodedRows {
  /** User of each row, highest score first, with the label in the lowest bit. */
  coded: Int32Array;
  /** 1 where the next row has another score. */
  last: Uint8Array;
}

function exactly(labels: Uint8Array, { values, order }: Sorted, units: Int32Array): Prepared['ranked'] {
  const rows: CodedRows = {
    coded: Int32Array.from(order, (row) => units[row] * 2 + labels[row]),
    last: Uint8Array.from(values, (value, i) => (value === values[i + 1] ? 0 : 1)),
  };
  return (times) => measuresAlong(rows, times);
}

/** Both measures of ranking in one pass. */
function measuresAlong({ coded, last }: CodedRows, times: Int32Array): RankedMeasures {
  let positives = 0;
  let negatives = 0;
  let pairs = 0;
  let precision = 0;
  let up = 0;
  let down = 0;
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

function cellsOf(cells: readonly Float64Array[], times: Int32Array): Confusion {
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = cells.map((of) => dot(of, times));
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

function dot(values: Float64Array, times: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] * times[i];
  }
  return sum;
}
