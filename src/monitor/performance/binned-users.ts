import type { Sorted } from '../../maths/argsort.js';
import { averagePrecisionOf } from './average-precision.js';
import { emptyRanking } from './ranking.js';
import { rocAucOf } from './roc-auc.js';

/** Bins of samples. */
export const BINS = 4_096;

/** NaN with one class. */
export interface RankedMeasures {
  rocAuc: number;
  averagePrecision: number;
}

/**
 * The measures of ranking in samples of users over bins of about equally many rows with neighbouring scores: a draw adds
 * each drawn user's rows to the counts of their cells (bin and class), in the order in which they lie in memory, and goes
 * along the bins. About a nanosecond a row, against thirty along the sorted rows. Rows of one score share a bin.
 */
export function binnedUsers(
  labels: Uint8Array,
  sorted: Sorted,
  units: Int32Array,
  users: number,
): (times: Int32Array) => RankedMeasures {
  const starts = startsOf(units, users);
  const cells = cellsByUser(labels, sorted, units, starts);
  // Half the size of doubles: they stay next to the processor.
  const counts = new Uint32Array(2 * BINS);
  const ranking = { ...emptyRanking(BINS), length: BINS };
  return (times) => {
    countCells(counts, times, cells, starts);
    ranking.positive.set(counts.subarray(0, BINS));
    ranking.negative.set(counts.subarray(BINS));
    const rocAuc = rocAucOf(ranking);
    return { rocAuc, averagePrecision: Number.isNaN(rocAuc) ? Number.NaN : averagePrecisionOf(ranking) };
  };
}

function countCells(counts: Uint32Array, times: Int32Array, cells: Uint16Array, starts: Uint32Array): void {
  counts.fill(0);
  for (let user = 0; user < times.length; user++) {
    const weight = times[user];
    if (weight > 0) {
      const end = starts[user + 1];
      for (let i = starts[user]; i < end; i++) {
        counts[cells[i]] += weight;
      }
    }
  }
}

/** Where the rows of each user begin when they stand together, and where the last end. */
function startsOf(units: Int32Array, users: number): Uint32Array {
  const starts = new Uint32Array(users + 1);
  for (let row = 0; row < units.length; row++) {
    starts[units[row] + 1]++;
  }
  for (let user = 0; user < users; user++) {
    starts[user + 1] += starts[user];
  }
  return starts;
}

/** The cell of each row, rows of a user together: its bin, highest scores first, negatives after the positives' bins. */
function cellsByUser(
  labels: Uint8Array,
  { values, order }: Sorted,
  units: Int32Array,
  starts: Uint32Array,
): Uint16Array {
  const most = Math.ceil(order.length / BINS);
  const cells = new Uint16Array(order.length);
  const next = starts.slice();
  let bin = 0;
  let from = 0;
  for (let i = 0; i < order.length; i++) {
    if (i - from >= most && values[i] !== values[i - 1]) {
      bin++;
      from = i;
    }
    const row = order[i];
    cells[next[units[row]]++] = labels[row] === 1 ? bin : BINS + bin;
  }
  return cells;
}
