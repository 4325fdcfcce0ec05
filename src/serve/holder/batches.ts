import { ChurnError } from '../../error.js';

export interface ScoredChunk {
  probabilities: Float32Array;
  /** The memory that the chunk came in, to be used again. */
  values: Float32Array;
}

export interface BatchQueueOptions {
  /** Scores one chunk, whose memory it takes over meanwhile. */
  scoreChunk(values: Float32Array, rows: number): Promise<ScoredChunk>;
  /** Values of a row. */
  width: number;
  /** Rows handed over at once. */
  chunkRows?: number;
  /** Chunks handed over before the first one has come back: the scoring thread does not wait for us, another batch for these. */
  chunksAhead?: number;
  /** Most rows waiting; a batch that finds the queue empty is always taken. */
  mostRows?: number;
}

/** Batches take turns, chunk by chunk, so that a small one does not wait for a large one. */
export interface BatchQueue {
  /** Probabilities of a batch, which must not be changed before they are there. @throws serve.busy; as scoreChunk */
  add(values: Float32Array, rows: number): Promise<Float32Array>;
  /** Rows that have no answer yet. */
  waiting(): number;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

interface Batch {
  values: Float32Array;
  rows: number;
  /** First row that was not handed over yet, and rows that came back. */
  next: number;
  done: number;
  probabilities: Float32Array;
  resolve(probabilities: Float32Array): void;
  reject(error: unknown): void;
}

export function batchQueue(options: BatchQueueOptions): BatchQueue {
  const { scoreChunk, width, chunkRows = 1000, chunksAhead = 8, mostRows = 200_000 } = options;
  const turns: Batch[] = [];
  /** Memory of whole chunks, at most as many as are handed over at once. */
  const spares: Float32Array[] = [];
  const idlers: (() => void)[] = [];
  let under = 0;
  let rowsWaiting = 0;

  const settle = (batch: Batch, finish: () => void) => {
    rowsWaiting -= batch.rows;
    finish();
    if (rowsWaiting === 0) {
      for (const idler of idlers.splice(0)) {
        idler();
      }
    }
  };

  const handOver = async (batch: Batch) => {
    const from = batch.next;
    const count = Math.min(chunkRows, batch.rows - from);
    batch.next += count;
    if (batch.next < batch.rows) {
      turns.push(batch);
    }
    under++;
    try {
      const chunk = (count === chunkRows && spares.pop()) || new Float32Array(count * width);
      chunk.set(batch.values.subarray(from * width, (from + count) * width));
      const { probabilities, values } = await scoreChunk(chunk, count);
      if (count === chunkRows) {
        spares.push(values);
      }
      batch.probabilities.set(probabilities, from);
      batch.done += count;
      if (batch.done === batch.rows) {
        settle(batch, () => batch.resolve(batch.probabilities));
      }
    } catch (error) {
      // Its other chunks come back to a batch that is never complete.
      if (batch.done >= 0) {
        batch.done = Number.NEGATIVE_INFINITY;
        remove(turns, batch);
        settle(batch, () => batch.reject(error));
      }
    }
    under--;
    feed();
  };

  const feed = () => {
    while (under < chunksAhead && turns.length > 0) {
      void handOver(turns.shift() as Batch);
    }
  };

  return {
    waiting: () => rowsWaiting,
    idle: () => (rowsWaiting === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    add: (values, rows) =>
      new Promise((resolve, reject) => {
        if (rows === 0) {
          resolve(new Float32Array(0));
        } else if (rowsWaiting > 0 && rowsWaiting + rows > mostRows) {
          reject(busy(rowsWaiting + rows, mostRows));
        } else {
          rowsWaiting += rows;
          const probabilities = new Float32Array(rows);
          turns.push({ values, rows, next: 0, done: 0, probabilities, resolve, reject });
          feed();
        }
      }),
  };
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) {
    list.splice(at, 1);
  }
}

function busy(waiting: number, most: number): ChurnError {
  return new ChurnError('serve.busy', {
    expected: `at most ${most} rows to wait for scoring`,
    came: String(waiting),
    fix: 'try again in a second',
  });
}
