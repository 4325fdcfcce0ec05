import type { Dataset } from '../../src/model/trainer/trainer.js';
import { random } from '../../src/random.js';

/**
 * Rows whose label depends on a product of two columns, one step and noise, with missing values and values rounded so
 * that many of them equal a threshold to the bit.
 */
export function syntheticSet(rows: number, columns: number, seed: number): Dataset {
  const { uniform, normal } = random(seed);
  const values = new Float32Array(rows * columns);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    for (let column = 0; column < columns; column++) {
      const value = column % 3 === 0 ? Math.round(normal() * 4) / 4 : normal();
      values[at + column] = uniform() < 0.05 ? Number.NaN : value;
    }
    const [a, b, c] = [0, 1, 2].map((column) => values[at + column] || 0);
    const logit = -1 + 2 * a * b + (c > 0.5 ? 1.5 : 0);
    labels[row] = uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { columns: Array.from({ length: columns }, (_, column) => `f${column}`), rows, values, labels };
}

/** Area under the ROC curve: the share of pairs in the right order, ties counting half. */
export function rocAuc(scores: ArrayLike<number>, labels: Uint8Array): number {
  const order = Array.from(labels.keys()).sort((a, b) => scores[a] - scores[b]);
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end]] === scores[order[start]]) {
      end++;
    }
    for (let i = start; i < end; i++) {
      rankSum += labels[order[i]] * ((start + end + 1) / 2);
      positives += labels[order[i]];
    }
    start = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives));
}

/** Mean log loss of labels under log-odds. */
export function logLoss(margins: ArrayLike<number>, labels: ArrayLike<number>): number {
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const signed = labels[row] === 1 ? -margins[row] : margins[row];
    total += Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
  }
  return total / labels.length;
}
