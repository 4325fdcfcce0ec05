import { ChurnError } from '../../error.js';
import { type Calibration, probabilityOf } from '../calibrate.js';
import { openSession } from './session.js';

export interface ProofRequest {
  /** The file as it will be published. */
  bytes: Uint8Array;
  columns: number;
  /** Rows the training library scored, and the margins it gave them. */
  probe: { rows: number; values: Float32Array };
  probeMargins: Float32Array;
  calibration: Calibration;
}

export interface Proof {
  rows: number;
  /** Largest difference of a probability, over all rows and both ways of computing it (the graph's own and ours). */
  max_difference: number;
}

/** Largest difference of probabilities that is put down to rounding. */
export const PROOF_TOLERANCE = 1e-6;

/**
 * Scores the probe rows with the exported file and compares with the trainer's own margins: nothing is published unproven.
 * @throws model.unproven when a probability differs by more than 1e-6 or there are no rows; input.unreadable
 */
export async function proveExport(request: ProofRequest): Promise<Proof> {
  const { bytes, columns, probe, probeMargins, calibration } = request;
  if (probe.rows < 1 || probeMargins.length !== probe.rows) {
    throw unproven('rows that the trainer scored', `${probe.rows} rows and ${probeMargins.length} margins`);
  }
  const session = await openSession(bytes, calibration, columns);
  try {
    const { probabilities } = await session.scoreChunk(probe.values, probe.rows);
    const graph = await session.graphProbabilities(probe.values, probe.rows);
    let worst = 0;
    let worstRow = 0;
    for (let row = 0; row < probe.rows; row++) {
      const expected = probabilityOf(probeMargins[row], calibration);
      const difference = Math.max(Math.abs(probabilities[row] - expected), Math.abs(graph[row] - expected));
      if (!(difference <= worst)) {
        worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
        worstRow = row;
      }
    }
    if (worst > PROOF_TOLERANCE) {
      const came = `a difference of ${worst.toExponential(2)} in row ${worstRow} of ${probe.rows}`;
      throw unproven(`the trainer's probabilities within ${PROOF_TOLERANCE}`, came);
    }
    return { rows: probe.rows, max_difference: worst };
  } finally {
    await session.close();
  }
}

function unproven(expected: string, came: string): ChurnError {
  return new ChurnError('model.unproven', {
    expected: `the exported model to give ${expected}`,
    came,
    fix: 'the model is not published; please report this with the library versions that "doctor" prints',
  });
}
