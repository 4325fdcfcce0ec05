/**
 * Training on 144,000 rows x 45 columns, the tree walker, contributions and onnxruntime, beside XGBoost's Python package
 * on the same matrix with the same parameters, in turn. Options: --repeats N (3), --rounds N (100), --json.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema } from '../src/config/schema.js';
import { uncalibrated } from '../src/model/calibrate.js';
import { encodingOf } from '../src/model/encode.js';
import { openSession } from '../src/model/onnx/session.js';
import { writeModel } from '../src/model/onnx/write.js';
import { linearTrainer } from '../src/model/trainer/linear.js';
import type { Dataset, TrainRequest } from '../src/model/trainer/trainer.js';
import { xgboostTrainer } from '../src/model/trainer/xgboost.js';
import { contributions, scoreMargins } from '../src/model/tree/form.js';
import { random } from '../src/random.js';
import { runSelf } from './measuring/child.js';
import { inTemporaryFolder } from './measuring/places.js';
import { ownScript, pythonWith, runPython } from './measuring/python.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

const ROWS = 144_000;
const COLUMNS = 45;
const EXPLAINED = 300;
const THREADS = 2;

/** Counts, skewed sums, nulls and a label that depends on some of them: the shape of user-days. */
function matrixOf(seed: number): Dataset {
  const chance = random(seed);
  const values = new Float32Array(ROWS * COLUMNS);
  const labels = new Uint8Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const engagement = chance.normal();
    for (let column = 0; column < COLUMNS; column++) {
      const noise = chance.normal();
      const value = 0.6 * engagement * (column % 3) + noise;
      values[row * COLUMNS + column] =
        column % 9 === 8 && noise > 1
          ? Number.NaN
          : column % 2 === 0
            ? Math.round(4 * Math.exp(value / 2))
            : value;
    }
    labels[row] = chance.uniform() < 1 / (1 + Math.exp(2.2 + 1.2 * engagement)) ? 1 : 0;
  }
  return { columns: Array.from({ length: COLUMNS }, (_, i) => `f${i}`), rows: ROWS, values, labels };
}

interface Ours {
  library: string;
  train_xgboost_s: number;
  train_linear_s: number;
  walker_row_us: number;
  walker_batch_us_per_row: number;
  shap_us: number;
  onnx_row_us: number;
  onnx_batch_us_per_row: number;
  /** Largest differences of margins from the library's own. */
  walker_difference: number;
  onnx_difference: number;
}

async function childOurs(folder: string, rounds: number): Promise<Ours> {
  const fit = await readMatrix(folder);
  const { training } = configSchema.parse({});
  const request: Omit<TrainRequest, 'parameters'> = {
    fit,
    validation: null,
    probe: fit,
    rounds,
    earlyStoppingRounds: rounds,
    seed: 42,
    threads: THREADS,
  };
  const timed = async <T>(work: () => T | Promise<T>, times = 1): Promise<[T, number]> => {
    const started = performance.now();
    let result = await work();
    for (let i = 1; i < times; i++) {
      result = await work();
    }
    return [result, (performance.now() - started) / times];
  };
  const [trees, trees_ms] = await timed(() =>
    xgboostTrainer.train({ ...request, parameters: training.xgboost }),
  );
  const [, linear_ms] = await timed(() => linearTrainer.train({ ...request, parameters: training.linear }));
  const { form, probeMargins } = trees;
  const one = fit.values.subarray(0, COLUMNS);
  await timed(() => scoreMargins(form, one, 1), 2000);
  const [, row] = await timed(() => scoreMargins(form, one, 1), 2000);
  const [walked, batch] = await timed(() => scoreMargins(form, fit.values, ROWS));
  const into = new Float64Array(COLUMNS);
  contributions(form, fit.values, 0, into);
  const [, shap] = await timed(() => {
    for (let i = 0; i < EXPLAINED; i++) {
      contributions(form, fit.values, i, into);
    }
  });
  const calibration = uncalibrated('a benchmark');
  const encoding = encodingOf(fit.columns.map((name) => ({ name, type: 'number' })));
  const bytes = writeModel({ form, calibration, encoding, metadata: {} });
  const session = await openSession(bytes, calibration, COLUMNS);
  await session.scoreChunk(one, 1);
  const [, onnxRow] = await timed(() => session.scoreChunk(one, 1), 500);
  const [{ margins }, onnxBatch] = await timed(() => session.scoreChunk(fit.values, ROWS));
  await session.close();
  return {
    library: `${trees.library.name} ${trees.library.version}`,
    train_xgboost_s: trees_ms / 1000,
    train_linear_s: linear_ms / 1000,
    walker_row_us: row * 1000,
    walker_batch_us_per_row: (batch * 1000) / ROWS,
    shap_us: (shap * 1000) / EXPLAINED,
    onnx_row_us: onnxRow * 1000,
    onnx_batch_us_per_row: (onnxBatch * 1000) / ROWS,
    walker_difference: largestDifference(walked, probeMargins),
    onnx_difference: largestDifference(margins, probeMargins),
  };
}

async function readMatrix(folder: string): Promise<Dataset> {
  const bytes = await readFile(join(folder, 'values.f32'));
  return {
    columns: Array.from({ length: COLUMNS }, (_, i) => `f${i}`),
    rows: ROWS,
    values: new Float32Array(Uint8Array.from(bytes).buffer),
    labels: Uint8Array.from(await readFile(join(folder, 'labels.u8'))),
  };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

interface Peer {
  version: string;
  train_s: number;
  batch_us_per_row: number;
  row_us: number;
  shap_us: number;
}

async function measure(): Promise<void> {
  const rounds = numberOption('rounds', 100);
  const repeats = numberOption('repeats', 3);
  const python = await pythonWith('xgboost');
  await inTemporaryFolder(async (folder) => {
    const data = matrixOf(42);
    await writeFile(join(folder, 'values.f32'), new Uint8Array(data.values.buffer));
    await writeFile(join(folder, 'labels.u8'), data.labels);
    const ours: Ours[] = [];
    const peers: Peer[] = [];
    const peaks: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`${repeat + 1} of ${repeats}`);
      const mine = await runSelf<Ours>(import.meta.url, ['--child', folder, String(rounds)]);
      ours.push(mine.answer);
      peaks.push(mine.run.peakMiB);
      if (python !== null) {
        peers.push(
          (await runPython<Peer>(python, ownScript('xgboost_peer.py'), peerArguments(folder, rounds))).answer,
        );
      }
    }
    tell(ours, peers, { rounds, repeats, peak: Math.max(...peaks) });
  });
}

/** The parameters as our trainer hands them to the library. */
function peerArguments(folder: string, rounds: number): string[] {
  const parameters = {
    ...configSchema.parse({}).training.xgboost,
    tree_method: 'hist',
    objective: 'binary:logistic',
    nthread: THREADS,
    seed: 42,
  };
  return [
    ...['--folder', folder, '--rows', String(ROWS), '--columns', String(COLUMNS), '--rounds', String(rounds)],
    ...['--parameters', JSON.stringify(parameters), '--explained', String(EXPLAINED)],
  ];
}

function tell(
  ours: readonly Ours[],
  peers: readonly Peer[],
  { rounds, repeats, peak }: { rounds: number; repeats: number; peak: number },
): void {
  const mine = (key: Exclude<keyof Ours, 'library'>) => median(ours.map((run) => run[key]));
  const theirs = (key: Exclude<keyof Peer, 'version'>) =>
    peers.length === 0 ? null : median(peers.map((run) => run[key]));
  const rows: [what: string, ours: number, peer: number | null][] = [
    [`train ${rounds} rounds, s`, mine('train_xgboost_s'), theirs('train_s')],
    ['train the linear baseline, s', mine('train_linear_s'), null],
    ['one row, walker, us', mine('walker_row_us'), theirs('row_us')],
    ['one row, onnxruntime, us', mine('onnx_row_us'), theirs('row_us')],
    ['batch, walker, us a row', mine('walker_batch_us_per_row'), theirs('batch_us_per_row')],
    ['batch, onnxruntime, us a row', mine('onnx_batch_us_per_row'), theirs('batch_us_per_row')],
    ['contributions, us a row', mine('shap_us'), theirs('shap_us')],
  ];
  const peer =
    peers.length === 0 ? 'no XGBoost for Python could be installed' : `XGBoost ${peers[0].version} (Python)`;
  const [walker, onnx] = [mine('walker_difference'), mine('onnx_difference')];
  report(
    {
      benchmark: 'model',
      rows: ROWS,
      columns: COLUMNS,
      rounds,
      repeats,
      library: ours[0].library,
      peer,
      figures: rows.map(([what, a, b]) => ({ what, ours: a, peer: b, ratio: b === null ? null : b / a })),
      margin_differences: { walker, onnx },
      peak_mib: peak,
    },
    [
      `${ROWS.toLocaleString('en')} rows x ${COLUMNS} columns, medians of ${repeats}; ours with ${ours[0].library}, beside ${peer} with ${THREADS} threads`,
      table(
        ['what', 'ours', 'Python', 'Python / ours'],
        rows.map(([what, a, b]) => [what, fixed(a, 2), fixed(b, 2), fixed(b === null ? null : b / a, 2)]),
      ),
      `largest difference of a margin from the library's: walker ${walker}, onnxruntime ${onnx.toExponential(1)}; peak memory ${fixed(peak, 0)} MiB`,
    ].join('\n'),
  );
}

const [part, folder, rounds] = process.argv.slice(2);
if (part === '--child') {
  process.stdout.write(JSON.stringify(await childOurs(folder, Number(rounds))));
} else {
  await measure();
}
