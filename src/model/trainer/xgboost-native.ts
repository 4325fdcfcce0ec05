import { isMainThread } from 'node:worker_threads';
import koffi from 'koffi';

/** Handles are addresses in the library's memory. */
export type Handle = bigint;

/** XGBoost's C functions, synchronous; every failure throws an Error with the first line of the library's message. */
export interface NativeXGBoost {
  version: string;
  createMatrix(values: Float32Array, rows: number, columns: number, labels: Float32Array | null): Handle;
  freeMatrix(matrix: Handle): void;
  createBooster(matrices: readonly Handle[], parameters: Readonly<Record<string, string>>): Handle;
  freeBooster(booster: Handle): void;
  boostOneRound(booster: Handle, round: number, matrix: Handle): void;
  /** The evaluation metric of each matrix after `round` rounds. */
  evaluate(booster: Handle, round: number, matrices: readonly Handle[]): number[];
  saveJson(booster: Handle): string;
  loadJson(booster: Handle, json: string): void;
  /** One log-odds a row after the first `rounds` rounds; 0 for all rounds, or none when none was boosted yet. */
  predictMargins(booster: Handle, matrix: Handle, rounds: number): Float32Array;
}

/**
 * Loads libxgboost and binds what we use of it.
 * @throws Error of the loader when the file is no library, needs another one, or lacks a function (before 1.7).
 */
export function openNative(path: string): NativeXGBoost {
  if (isMainThread) {
    // Read by OpenMP as it is loaded: without it its threads spin between rounds and starve whatever else runs here.
    // Only the main thread's process.env reaches native code, so the main thread must be the first to load.
    process.env.OMP_WAIT_POLICY ??= 'passive';
  }
  const library = koffi.load(path);
  const bind = (name: string, types: string[]) => library.func(name, 'int', types);
  const lastError = library.func('XGBGetLastError', 'str', []);
  const check = (status: number) => {
    if (status !== 0) {
      throw new Error(firstLine(String(lastError())));
    }
  };
  const matrixCreate = bind('XGDMatrixCreateFromDense', ['str', 'str', '_Out_ void **']);
  const matrixSetFloats = bind('XGDMatrixSetFloatInfo', ['void *', 'str', 'float *', 'uint64']);
  const matrixFree = bind('XGDMatrixFree', ['void *']);
  const boosterCreate = bind('XGBoosterCreate', ['void *', 'uint64', '_Out_ void **']);
  const boosterSet = bind('XGBoosterSetParam', ['void *', 'str', 'str']);
  const boosterFree = bind('XGBoosterFree', ['void *']);
  const boosterUpdate = bind('XGBoosterUpdateOneIter', ['void *', 'int', 'void *']);
  const evalTypes = ['void *', 'int', 'void *', 'const char **', 'uint64', '_Out_ const char **'];
  const boosterEval = bind('XGBoosterEvalOneIter', evalTypes);
  const boosterSave = bind('XGBoosterSaveModelToBuffer', [
    'void *',
    'str',
    '_Out_ uint64 *',
    '_Out_ void **',
  ]);
  const boosterLoad = bind('XGBoosterLoadModelFromBuffer', ['void *', 'void *', 'uint64']);
  const predictTypes = ['void *', 'void *', 'str', '_Out_ void **', '_Out_ uint64 *', '_Out_ void **'];
  const boosterPredict = bind('XGBoosterPredictFromDMatrix', predictTypes);

  return {
    version: versionOf(library),
    createMatrix(values, rows, columns, labels) {
      const shape = `[${rows},${columns}]`;
      const address = koffi.address(values);
      const data = `{"data":[${address},true],"shape":${shape},"typestr":"<f4","version":3}`;
      const out: [Handle | null] = [null];
      // The bare token NaN is what the library reads; JSON.stringify would write null.
      check(matrixCreate(data, '{"missing":NaN,"nthread":1}', out));
      if (labels !== null) {
        check(matrixSetFloats(out[0], 'label', labels, labels.length));
      }
      return out[0]!;
    },
    freeMatrix: (matrix) => check(matrixFree(matrix)),
    createBooster(matrices, parameters) {
      const out: [Handle | null] = [null];
      check(boosterCreate(BigUint64Array.from(matrices), matrices.length, out));
      for (const [name, value] of Object.entries(parameters)) {
        check(boosterSet(out[0], name, value));
      }
      return out[0]!;
    },
    freeBooster: (booster) => check(boosterFree(booster)),
    boostOneRound: (booster, round, matrix) => check(boosterUpdate(booster, round, matrix)),
    evaluate(booster, round, matrices) {
      const out: [string | null] = [null];
      const names = matrices.map((_, index) => `set${index}`);
      check(boosterEval(booster, round, BigUint64Array.from(matrices), names, names.length, out));
      return evaluationsIn(out[0] ?? '', names.length);
    },
    saveJson(booster) {
      const length: [number | bigint] = [0];
      const out: [Handle | null] = [null];
      check(boosterSave(booster, '{"format":"json"}', length, out));
      const bytes = koffi.decode(out[0], koffi.array('uint8', Number(length[0]), 'Typed')) as Uint8Array;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    },
    loadJson(booster, json) {
      const bytes = Buffer.from(json);
      check(boosterLoad(booster, bytes, bytes.length));
    },
    predictMargins(booster, matrix, rounds) {
      const slice = `"iteration_begin":0,"iteration_end":${rounds}`;
      const config = `{"type":1,"training":false,${slice},"strict_shape":true}`;
      const shape: [Handle | null] = [null];
      const dimensions: [number | bigint] = [0];
      const out: [Handle | null] = [null];
      check(boosterPredict(booster, matrix, config, shape, dimensions, out));
      const sizes = koffi.decode(shape[0], koffi.array('uint64', Number(dimensions[0]), 'Array')) as number[];
      const total = sizes.reduce((product, size) => product * Number(size), 1);
      return koffi.decode(out[0], koffi.array('float', total, 'Typed')) as Float32Array;
    },
  };
}

function versionOf(library: ReturnType<typeof koffi.load>): string {
  const parts = [new Int32Array(1), new Int32Array(1), new Int32Array(1)];
  library.func('XGBoostVersion', 'void', ['int *', 'int *', 'int *'])(...parts);
  return parts.map((part) => part[0]).join('.');
}

/** Reads "[3]\tset0-logloss:0.4563\tset1-logloss:0.4712". */
function evaluationsIn(line: string, count: number): number[] {
  const values = [...line.matchAll(/:([^\s]+)/g)].map((match) => Number(match[1]));
  if (values.length !== count) {
    throw new Error(`${count} evaluations were expected, the library wrote "${line}"`);
  }
  return values;
}

/** "[12:00:00] ../src/data/data.cc:462: Check failed: valid: Label contains NaN" and a stack trace, without both. */
function firstLine(text: string): string {
  const line = text.split('\n').find((part) => part.trim() !== '') ?? 'an error without text';
  return line
    .replace(/^\[[\d:]+\]\s*/, '')
    .replace(/^\S+\.(cc|h|cu|cuh):\d+:\s*/, '')
    .replace(/^Check failed:\s*/, '')
    .trim();
}
