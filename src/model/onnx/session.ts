import './no-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ChurnError, messageOf } from '../../error.js';
import { type Calibration, probabilitiesOf } from '../calibrate.js';
import { INPUT, MARGIN, PROBABILITY } from './model.js';

/** Margins (log-odds before calibration) and calibrated probabilities of some rows. */
export interface Scores {
  margins: Float32Array;
  probabilities: Float32Array;
}

/** A model file in onnxruntime. */
export interface Session {
  /** Scores `rows` rows of `values` (row by row, float32, NaN for missing). */
  scoreChunk(values: Float32Array, rows: number): Promise<Scores>;
  /** The probabilities that the graph itself computes in float32; very small ones are 0 there. */
  graphProbabilities(values: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** onnxruntime works synchronously: after so many rows (a few milliseconds) other work gets its turn. */
const CHUNK_ROWS = 1000;

/**
 * Opens a model file. One thread: sums keep XGBoost's order, and a container's processors are not oversubscribed. Without
 * the arena, memory is given back after each run. The native load blocks the thread for a moment.
 * @throws input.unreadable when onnxruntime refuses the bytes.
 */
export async function openSession(
  bytes: Uint8Array,
  calibration: Calibration,
  columns: number,
): Promise<Session> {
  const session = await createSession(bytes);

  async function run(output: string, values: Float32Array, rows: number): Promise<Float32Array> {
    if (values.length < rows * columns) {
      throw new ChurnError('model.mismatch', {
        expected: `${rows} rows of ${columns} values`,
        came: `${values.length} values`,
      });
    }
    const all = new Float32Array(rows);
    for (let start = 0; start < rows; start += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - start);
      const part = values.subarray(start * columns, (start + count) * columns);
      const result = await session.run({ [INPUT]: new Tensor('float32', part, [count, columns]) }, [output]);
      all.set(result[output].data as Float32Array, start);
    }
    return all;
  }

  return {
    async scoreChunk(values, rows) {
      const margins = await run(MARGIN, values, rows);
      return { margins, probabilities: probabilitiesOf(margins, calibration) };
    },
    graphProbabilities: (values, rows) => run(PROBABILITY, values, rows),
    close: () => session.release(),
  };
}

async function createSession(bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      enableCpuMemArena: false,
      enableMemPattern: false,
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new ChurnError(
      'input.unreadable',
      { expected: 'a model that onnxruntime reads', came: messageOf(error) },
      error,
    );
  }
}
