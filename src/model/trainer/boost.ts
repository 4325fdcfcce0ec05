import { Worker } from 'node:worker_threads';
import { ChurnError, messageOf } from '../../error.js';
import { ensureLibrary } from './library.js';
import type { Dataset, TrainRequest } from './trainer.js';
import type { BoostJob, BoostMessage, BoostResult } from './xgboost-worker.js';

/** Parameters we set ourselves, for both boosters. */
function fixedParameters(request: TrainRequest): Record<string, string> {
  return {
    objective: 'binary:logistic',
    eval_metric: 'logloss',
    // Set, because versions of the library differ in how they estimate it.
    base_score: String(Math.fround(positiveRate(request.fit))),
    seed: String(request.seed),
    nthread: String(request.threads),
    verbosity: '0',
  };
}

/**
 * Runs the library in a worker thread with synchronous calls: the main thread stays free, progress arrives by message
 * and a cancellation is seen between two rounds. `parameters` are the booster's own and have been checked.
 * @throws library.missing, data.invalid, config.invalid (a parameter's value), work.cancelled
 */
export async function boost(
  request: TrainRequest,
  booster: BoostJob['booster'],
  parameters: Readonly<Record<string, string>>,
): Promise<BoostResult> {
  checkRequest(request);
  throwIfCancelled(request.signal);
  const library = await ensureLibrary();
  throwIfCancelled(request.signal);
  const { fit, validation, probe, rounds, earlyStoppingRounds } = request;
  return inWorker(request, {
    libraryPath: library.path,
    fit,
    validation,
    probe,
    rounds,
    earlyStoppingRounds,
    booster,
    parameters: { booster, ...parameters, ...fixedParameters(request) },
    cancel: new Int32Array(new SharedArrayBuffer(4)),
  });
}

function inWorker(request: TrainRequest, job: BoostJob): Promise<BoostResult> {
  const worker = new Worker(new URL('./xgboost-worker.js', import.meta.url), { workerData: job });
  const cancel = () => Atomics.store(job.cancel, 0, 1);
  request.signal?.addEventListener('abort', cancel, { once: true });
  return new Promise<BoostResult>((resolve, reject) => {
    worker.on('message', (message: BoostMessage) => {
      switch (message.kind) {
        case 'round':
          try {
            request.onRound?.(message.progress);
          } catch (error) {
            cancel();
            reject(error);
          }
          return;
        case 'done':
          return resolve(message.result);
        case 'cancelled':
          return reject(cancelled(request.signal));
        case 'failed':
          return reject(failed(message));
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the training thread ended early with code ${code}`)));
  }).finally(() => request.signal?.removeEventListener('abort', cancel));
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw cancelled(signal);
  }
}

function cancelled(signal: AbortSignal | undefined): ChurnError {
  return new ChurnError(
    'work.cancelled',
    { expected: 'to train to the end', came: `a cancellation (${messageOf(signal?.reason)})` },
    signal?.reason,
  );
}

function failed(message: Extract<BoostMessage, { kind: 'failed' }>): ChurnError {
  if (message.stage === 'load') {
    return new ChurnError('library.missing', { expected: 'to load libxgboost', came: message.message });
  }
  // The library reads its parameters at the first round, so its complaint about a value arrives as that of training.
  const aboutParameter = /parameter|expect .* but value|Invalid/i.test(message.message);
  const code = aboutParameter ? 'config.invalid' : 'data.invalid';
  return new ChurnError(code, { expected: 'XGBoost to train', came: message.message });
}

function positiveRate(set: Dataset): number {
  let positives = 0;
  for (const label of set.labels) {
    positives += label;
  }
  return positives / set.rows;
}

/** Checks what the library would accept without a word: sizes, infinities, labels, one class only. */
function checkRequest(request: TrainRequest): void {
  const width = request.fit.columns.length;
  const { rounds, threads, seed } = request;
  for (const [name, value, least] of [
    ['rounds', rounds, 1],
    ['threads', threads, 1],
    ['seed', seed, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least || value > 0x7fffffff) {
      throw new ChurnError('config.invalid', {
        expected: `${name} as a whole number from ${least}`,
        came: `${value}`,
      });
    }
  }
  checkDataset('fit', request.fit, width);
  if (request.validation !== null) {
    checkDataset('validation', request.validation, width);
  }
  checkValues('probe', request.probe, request.fit.columns);
  const rate = positiveRate(request.fit);
  if (rate === 0 || rate === 1) {
    throw invalid('fitted rows of both classes', `only label ${rate}`);
  }
}

function checkDataset(name: string, set: Dataset, width: number): void {
  if (set.rows < 1) {
    throw invalid(`rows to ${name}`, 'none');
  }
  if (set.columns.length !== width) {
    throw invalid(`${width} columns in ${name}`, `${set.columns.length}`);
  }
  if (set.labels.length !== set.rows) {
    throw invalid(`${set.rows} labels in ${name}`, `${set.labels.length}`);
  }
  const row = set.labels.findIndex((label) => label > 1);
  if (row >= 0) {
    throw invalid(`labels of 0 or 1 in ${name}`, `${set.labels[row]} in row ${row}`);
  }
  checkValues(name, set, set.columns);
}

function checkValues(
  name: string,
  set: { rows: number; values: Float32Array },
  columns: readonly string[],
): void {
  const width = columns.length;
  if (width < 1 || set.values.length !== set.rows * width) {
    throw invalid(`${set.rows} x ${width} values in ${name}`, `${set.values.length}`);
  }
  const at = firstInfinity(set.values);
  if (at >= 0) {
    const where = `column "${columns[at % width]}", row ${Math.floor(at / width)} of ${name}`;
    throw invalid('finite or missing values', `${set.values[at]} in ${where}`);
  }
}

function firstInfinity(values: Float32Array): number {
  for (let at = 0; at < values.length; at++) {
    if (Math.abs(values[at]) === Number.POSITIVE_INFINITY) {
      return at;
    }
  }
  return -1;
}

function invalid(expected: string, came: string): ChurnError {
  return new ChurnError('data.invalid', { expected, came });
}
