import { Worker } from 'node:worker_threads';
// A thread cannot set the environment that onnxruntime's native code reads: this one does.
import '../../model/onnx/no-telemetry.js';
import { ChurnError } from '../../error.js';
import type { PublishedModel } from '../../model/onnx/model.js';
import type { ScoredChunk } from './batches.js';
import type { Answer, Order, ThreadTask } from './thread-messages.js';

/** A thread with a model in onnxruntime. Whoever waits for it keeps the process alive, the idle thread does not. */
export interface ScoringThread {
  /** The file as the thread read it: what the walker and the explanations work with. */
  readonly model: PublishedModel;
  /** Probabilities of a chunk, whose memory goes over to the thread and comes back. @throws ThreadLost */
  score(values: Float32Array, rows: number): Promise<ScoredChunk>;
  /** False once it has ended or failed. */
  alive(): boolean;
  /** Called when the thread fails without having been told to end. */
  onLost(listener: (error: Error) => void): void;
  /** Releases the session and ends the thread. */
  end(): Promise<void>;
}

/** The thread is gone: what it was asked has no answer. */
export class ThreadLost extends Error {
  constructor(cause: unknown) {
    super('the scoring thread has ended', { cause });
    this.name = 'ThreadLost';
  }
}

const LONGEST_END_MILLISECONDS = 5000;

interface Waiting {
  resolve(chunk: ScoredChunk): void;
  reject(error: Error): void;
}

/**
 * Starts a thread and loads a model file in it.
 * @throws input.unreadable, model.mismatch for the file; io.failed when the thread itself does not start
 */
export async function startScoringThread(path: string): Promise<ScoringThread> {
  const worker = new Worker(new URL('./scoring-worker.js', import.meta.url), {
    workerData: { path } satisfies ThreadTask,
  });
  const model = await new Promise<PublishedModel>((resolve, reject) => {
    worker.on('message', (answer: Answer) => {
      if (answer.kind === 'ready') {
        resolve(answer.model);
      } else if (answer.kind === 'failed') {
        reject(errorOf(answer));
      }
    });
    worker.on('error', (error) => reject(notStarted(error)));
    worker.on('exit', (code) => reject(notStarted(new Error(`it ended with code ${code}`))));
  }).catch(async (error) => {
    await endOf(worker);
    throw error;
  });
  return threadOf(worker, model);
}

function threadOf(worker: Worker, model: PublishedModel): ScoringThread {
  const waiting = new Map<number, Waiting>();
  const listeners: ((error: Error) => void)[] = [];
  let next = 0;
  let state: 'working' | 'ending' | 'gone' = 'working';

  const lose = (cause: unknown) => {
    const unexpected = state === 'working';
    state = 'gone';
    const lost = new ThreadLost(cause);
    for (const { reject } of waiting.values()) {
      reject(lost);
    }
    waiting.clear();
    if (unexpected) {
      void endOf(worker);
      for (const listener of listeners) {
        listener(lost);
      }
    }
  };
  worker.on('error', lose);
  worker.on('exit', (code) => lose(new Error(`exit code ${code}`)));
  worker.on('message', (answer: Answer) => {
    if (answer.kind === 'failed') {
      lose(errorOf(answer));
    } else if (answer.kind === 'scored') {
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
      if (waiting.size === 0) {
        worker.unref();
      }
    }
  });
  worker.unref();

  return {
    model,
    alive: () => state === 'working',
    onLost: (listener) => listeners.push(listener),
    score: (values, rows) =>
      new Promise((resolve, reject) => {
        if (state !== 'working') {
          reject(new ThreadLost(null));
          return;
        }
        const id = next++;
        worker.ref();
        waiting.set(id, { resolve, reject });
        worker.postMessage({ kind: 'score', id, values, rows } satisfies Order, [
          values.buffer as ArrayBuffer,
        ]);
      }),
    end: async () => {
      if (state === 'working') {
        state = 'ending';
        worker.ref();
        worker.postMessage({ kind: 'end' } satisfies Order);
      }
      await endOf(worker);
    },
  };
}

/**
 * Waits for a thread that ends by itself. Terminating is the last resort: in the middle of a call of onnxruntime it aborts
 * the whole process (an uncaught Napi::Error).
 */
async function endOf(worker: Worker): Promise<void> {
  if (worker.threadId === -1) {
    return;
  }
  const late = setTimeout(() => void worker.terminate(), LONGEST_END_MILLISECONDS);
  await new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  clearTimeout(late);
}

function errorOf({ code, detail }: Extract<Answer, { kind: 'failed' }>): Error {
  return code === null ? new Error(detail.came) : new ChurnError(code, detail);
}

function notStarted(cause: Error): ChurnError {
  return new ChurnError('io.failed', { expected: 'to start a scoring thread', came: cause.message }, cause);
}
