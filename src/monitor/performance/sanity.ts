import type { Scores } from './measure.js';
import { rankingOf } from './ranking.js';
import { rocAucOf } from './roc-auc.js';

/** Something that is too odd to be true, or too good. It warns; a person decides. */
export interface SanityFinding {
  id: 'constant_scores' | 'perfect_ranking' | 'feature_leak' | 'copied_rows';
  says: string;
}

/** A single feature, or a model, that ranks this well knows the outcome more often than it predicts it. */
const TOO_GOOD = 0.98;

/** Fewer of a class can be told apart by chance. */
const FEWEST_OF_CLASS = 20;

/** Rows looked at, evenly spaced. */
const MOST_ROWS = 20_000;

/** Share of copied test rows that is borne. */
const COPIES_BORNE = 0.01;

/** Whether scores tell anybody apart, and whether they do so too well. */
export function scoreFindings(labels: Uint8Array, scores: Scores): SanityFinding[] {
  if (scores.length > 1 && scores.every((score) => score === scores[0])) {
    const says = `all ${scores.length} scores are ${scores[0]}: the model tells nobody apart`;
    return [{ id: 'constant_scores', says }];
  }
  const auc = enough(labels) ? rocAucOf(rankingOf(labels, scores)) : null;
  return auc !== null && auc >= TOO_GOOD
    ? [
        {
          id: 'perfect_ranking',
          says: `ROC AUC ${auc.toFixed(3)} is too good to be true: look whether the outcome, or something that follows from it, is among the features`,
        },
      ]
    : [];
}

/** A design matrix, row by row; NaN is null. */
export interface FeatureRows {
  columns: readonly string[];
  values: Float32Array;
  rows: number;
}

/**
 * Features that alone tell the label nearly perfectly: ROC AUC, in either direction, of the values and of being null.
 * What is known only after the outcome (a cancellation date, a final invoice) shows up here.
 */
export function featureFindings({ columns, values, rows }: FeatureRows, labels: Uint8Array): SanityFinding[] {
  const step = Math.max(1, Math.ceil(rows / MOST_ROWS));
  const chosen = Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step);
  const all = Uint8Array.from(chosen, (row) => labels[row]);
  return columns.flatMap((name, column) => {
    const cells = Float32Array.from(chosen, (row) => values[row * columns.length + column]);
    const known = cells.map((cell) => (Number.isNaN(cell) ? 0 : 1));
    const told = all.filter((_, i) => known[i] === 1);
    const ofValues = separation(
      told,
      cells.filter((cell) => !Number.isNaN(cell)),
    );
    const ofNulls = separation(all, known);
    const auc = Math.max(ofValues, ofNulls);
    const what = ofNulls > ofValues ? `being null in "${name}"` : `"${name}"`;
    const says = `${what} alone tells the label with ROC AUC ${auc.toFixed(3)}: it may be known only after the outcome (training.exclude leaves it out)`;
    return auc >= TOO_GOOD ? [{ id: 'feature_leak' as const, says }] : [];
  });
}

/** ROC AUC in the better direction; 0.5 with too few of a class. */
function separation(labels: Uint8Array, values: Scores): number {
  if (!enough(labels)) {
    return 0.5;
  }
  const auc = rocAucOf(rankingOf(labels, values));
  return Math.max(auc, 1 - auc);
}

function enough(labels: Uint8Array): boolean {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  return Math.min(positives, labels.length - positives) >= FEWEST_OF_CLASS;
}

/**
 * Test rows that were copied from training rows: all values the same, in a row that is the only one of its kind on both
 * sides. (Users who do nothing look alike in any case.)
 */
export function copyFindings(learn: FeatureRows, test: FeatureRows): SanityFinding[] {
  const seen = countKinds(learn);
  let copies = 0;
  for (const [kind, rows] of countKinds(test)) {
    copies += rows === 1 && seen.get(kind) === 1 ? 1 : 0;
  }
  const says = `${copies} of ${test.rows} test rows equal a training row in every feature: measured on them, the model has seen the answer`;
  return copies > COPIES_BORNE * test.rows ? [{ id: 'copied_rows', says }] : [];
}

/** How often each kind of row occurs, by a 52-bit hash of its values. */
function countKinds({ columns, values, rows }: FeatureRows): Map<number, number> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    let [a, b] = [0x811c9dc5, 0x9747b28c];
    for (let i = row * columns.length; i < (row + 1) * columns.length; i++) {
      const word = Number.isNaN(values[i]) ? 0x7fc00000 : bits[i];
      a = Math.imul(a ^ word, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul(b ^ word, 0x85ebca6b);
      b ^= b >>> 13;
    }
    const kind = (a >>> 0) * 2 ** 20 + ((b >>> 0) & 0xfffff);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
