import type { Encoding } from '../../model/encode.js';
import type { LoggedPrediction } from '../parts.js';

/** Rows of a block: what is turned into bytes at once, without a pause, as one group of rows. The first one is small. */
const BLOCK_ROWS = 2048;
const FIRST_BLOCK_ROWS = 256;

/** Most rows of a segment file: its footer, made at once, grows with its groups. */
export const SEGMENT_ROWS = 8 * BLOCK_ROWS;

/** Longest text that is kept of what a caller sent: many long ones must not fill the memory. */
const LONGEST_TEXT = 256;

/** Predictions by column, at most as many as its typed arrays hold. */
export interface Block {
  rows: number;
  times: Float64Array;
  probabilities: Float64Array;
  requestIds: string[];
  userIds: (string | number | null)[];
  snapshotDates: (string | null)[];
  versions: string[];
  arms: string[];
  /** The encoded rows, one after another. */
  values: Float32Array;
}

/** What becomes one segment: predictions of one day with one encoding, in the order in which they came. */
export interface Rows {
  encoding: Encoding;
  /** Days since 1970, UTC. */
  day: number;
  count: number;
  blocks: Block[];
}

export function newRows(encoding: Encoding, day: number): Rows {
  return { encoding, day, count: 0, blocks: [] };
}

/** Copies a prediction into the columns: nothing of it but its texts stays in memory. */
export function appendRow(rows: Rows, prediction: LoggedPrediction): void {
  const width = rows.encoding.columns.length;
  let block = rows.blocks[rows.blocks.length - 1];
  if (block === undefined || block.rows === block.times.length) {
    block = newBlock(block === undefined ? FIRST_BLOCK_ROWS : BLOCK_ROWS, width);
    rows.blocks.push(block);
  }
  const at = block.rows++;
  rows.count++;
  block.times[at] = prediction.time;
  block.probabilities[at] = prediction.probability;
  block.requestIds[at] = short(prediction.requestId);
  const { userId } = prediction;
  block.userIds[at] = typeof userId === 'string' ? short(userId) : userId;
  block.snapshotDates[at] = prediction.snapshotDate;
  block.versions[at] = prediction.version;
  block.arms[at] = prediction.arm;
  block.values.set(prediction.row, at * width);
}

function newBlock(capacity: number, width: number): Block {
  return {
    rows: 0,
    times: new Float64Array(capacity),
    probabilities: new Float64Array(capacity),
    requestIds: [],
    userIds: [],
    snapshotDates: [],
    versions: [],
    arms: [],
    values: new Float32Array(capacity * width),
  };
}

/** A cut copy, since a slice would keep the whole text in memory. */
function short(text: string): string {
  return text.length <= LONGEST_TEXT ? text : Buffer.from(text.slice(0, LONGEST_TEXT)).toString();
}
