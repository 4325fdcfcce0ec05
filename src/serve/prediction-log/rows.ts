import type { Encoding } from '../../model/encode.js';
import type { LoggedBatch, LoggedPrediction } from '../parts.js';
import { extend, newRuns, type Runs } from './runs.js';

/** Rows of a block: what is turned into bytes at once, without a pause, as one group of rows. The first ones are small. */
const BLOCK_ROWS = 8192;
const FIRST_BLOCK_ROWS = 256;

/** Most rows of a segment file: its footer, made at once, grows with its groups. */
export const SEGMENT_ROWS = 2 * BLOCK_ROWS;

/** Longest text that is kept of what a caller sent: many long ones must not fill the memory. */
const LONGEST_TEXT = 256;

/** Predictions by column, at most as many as its typed arrays hold. */
export interface Block {
  rows: number;
  times: Runs<number>;
  requestIds: Runs<string>;
  userIds: Runs<string | number | null>;
  snapshotDates: Runs<string | null>;
  versions: Runs<string>;
  arms: Runs<string>;
  probabilities: Float64Array;
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
  spares: Spares;
}

/**
 * Blocks of full size to be used again: megabytes that are asked for anew each time make the garbage collector run for longer than
 * it takes to write them.
 */
export type Spares = Block[];

const MOST_SPARES = 4;

export function newRows(encoding: Encoding, day: number, spares: Spares = []): Rows {
  return { encoding, day, count: 0, blocks: [], spares };
}

/** Gives the blocks of rows back that were written. */
export function release({ blocks, spares }: Rows): void {
  const full = blocks.filter((block) => block.probabilities.length === BLOCK_ROWS);
  spares.push(...full.slice(0, MOST_SPARES - spares.length));
}

/** Copies a prediction into the columns: nothing of it but its texts stays in memory. */
export function appendRow(rows: Rows, prediction: LoggedPrediction): void {
  const block = blockFor(rows, 1);
  const { time, requestId, userId, snapshotDate, version, arm, probability, row } = prediction;
  block.values.set(row, block.rows * row.length);
  block.probabilities[block.rows] = probability;
  block.rows++;
  rows.count++;
  extend(block.userIds, shortId(userId), block.rows);
  extend(block.snapshotDates, snapshotDate, block.rows);
  extendShared(block, time, requestId, version, arm);
}

/** Copies rows of a batch, from `from` on, as many as fit; returns how many. */
export function appendRows(rows: Rows, batch: LoggedBatch, from: number, most: number): number {
  const width = rows.encoding.columns.length;
  const block = blockFor(rows, batch.probabilities.length - from);
  const count = Math.min(most, block.probabilities.length - block.rows, SEGMENT_ROWS - rows.count);
  const to = from + count;
  block.values.set(batch.values.subarray(from * width, to * width), block.rows * width);
  block.probabilities.set(batch.probabilities.subarray(from, to), block.rows);
  for (let row = from, end = block.rows + 1; row < to; row++, end++) {
    extend(block.userIds, shortId(batch.userId(row)), end);
    extend(block.snapshotDates, batch.snapshotDate(row), end);
  }
  block.rows += count;
  rows.count += count;
  extendShared(block, batch.time, batch.requestId, batch.version, batch.arm);
  return count;
}

function extendShared(block: Block, time: number, requestId: string, version: string, arm: string): void {
  extend(block.times, time, block.rows);
  extend(block.requestIds, short(requestId), block.rows);
  extend(block.versions, version, block.rows);
  extend(block.arms, arm, block.rows);
}

/** The block that takes the next rows: a new one has room for as many as there are, or for those that come. */
function blockFor({ blocks, count, encoding, spares }: Rows, coming: number): Block {
  let block = blocks[blocks.length - 1];
  if (block === undefined || block.rows === block.probabilities.length) {
    const width = encoding.columns.length;
    const capacity = Math.min(Math.max(FIRST_BLOCK_ROWS, count, coming), BLOCK_ROWS);
    const spare = spares.pop();
    block =
      spare?.values.length === BLOCK_ROWS * width
        ? emptyBlock(spare.probabilities, spare.values)
        : emptyBlock(new Float64Array(capacity), new Float32Array(capacity * width));
    blocks.push(block);
  }
  return block;
}

function emptyBlock(probabilities: Float64Array, values: Float32Array): Block {
  return {
    rows: 0,
    times: newRuns(),
    requestIds: newRuns(),
    userIds: newRuns(),
    snapshotDates: newRuns(),
    versions: newRuns(),
    arms: newRuns(),
    probabilities,
    values,
  };
}

function shortId(userId: string | number | null): string | number | null {
  return typeof userId === 'string' ? short(userId) : userId;
}

/** A cut copy, since a slice would keep the whole text in memory. */
function short(text: string): string {
  return text.length <= LONGEST_TEXT ? text : Buffer.from(text.slice(0, LONGEST_TEXT)).toString();
}
