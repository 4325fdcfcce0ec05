import type { Column } from '../data/engine/engine.js';
import { ChurnError } from '../error.js';
import type { Encoding } from './encode.js';
import type { GoldenRows } from './registry/manifest.js';

/** Largest difference from the golden rows that is put down to rounding. */
const TOLERANCE = 1e-6;

/** The golden rows as one column per feature, in the order of the encoding. */
export function goldenColumns({ features }: Encoding, golden: GoldenRows): Column[] {
  return features.map((feature): Column => {
    const at = golden.features.indexOf(feature.name);
    const cells = golden.rows.map((row) => row[at] ?? null);
    return feature.type === 'number'
      ? Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell)))
      : cells.map((cell) => (cell === null ? null : String(cell)));
  });
}

/**
 * @param by what has scored the rows, for the error
 * @throws model.mismatch when a probability is not the recorded one
 */
export function requireGolden(
  golden: GoldenRows,
  probabilities: ArrayLike<number>,
  version: string,
  by: string,
): void {
  golden.probabilities.forEach((expected, row) => {
    if (!(Math.abs(probabilities[row] - expected) <= TOLERANCE)) {
      throw new ChurnError('model.mismatch', {
        expected: `golden row ${row} of ${version} to score ${expected} by ${by}`,
        came: String(probabilities[row]),
        fix: 'the model file or a library has changed; promote another version',
      });
    }
  });
}
