import type { ErrorCode, ErrorDetail } from '../../error.js';
import type { PublishedModel } from '../../model/onnx/model.js';

/** What the scoring thread is started with. */
export interface ThreadTask {
  /** The model file, whose hash was checked. */
  path: string;
}

/** To the thread. */
export type Order = { kind: 'score'; id: number; values: Float32Array; rows: number } | { kind: 'end' };

/** From the thread. */
export type Answer =
  | { kind: 'ready'; model: PublishedModel }
  | { kind: 'scored'; id: number; probabilities: Float32Array; values: Float32Array }
  | { kind: 'failed'; code: ErrorCode | null; detail: ErrorDetail };
