/**
 * ROC AUC and average precision of a million scored rows, and 200 bootstrap draws of both, beside scikit-learn on the
 * same file, in turn; all measures with calibration; estimated and realised performance in ten chunks beside NannyML, whole
 * processes. Options: --repeats N (5), --without-nannyml, --json.
 */
import { join } from 'node:path';
import { openDuckDB } from '../src/data/engine/duckdb.js';
import type { Engine } from '../src/data/engine/engine.js';
import { sql } from '../src/data/engine/sql.js';
import { sideBySide } from '../src/data/side-by-side.js';
import { readTable } from '../src/data/tables.js';
import { averagePrecision, averagePrecisionOf } from '../src/monitor/performance/average-precision.js';
import { bootstrapBins } from '../src/monitor/performance/binned-bootstrap.js';
import { bootstrapUsers } from '../src/monitor/performance/bootstrap.js';
import { estimateBesideRealised } from '../src/monitor/performance/estimate.js';
import { fitEstimator } from '../src/monitor/performance/estimator.js';
import { evaluateSample } from '../src/monitor/performance/evaluate.js';
import { rankingOf } from '../src/monitor/performance/ranking.js';
import { rocAuc, rocAucOf } from '../src/monitor/performance/roc-auc.js';
import { type ChildRun, runChild, runSelf } from './measuring/child.js';
import { inTemporaryFolder, sharedFile } from './measuring/places.js';
import { pythonWith, runPython } from './measuring/python.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

const ROWS = 1_000_000;
const DRAWS = 200;
/** Rows of one user in the second bootstrap: what a year of weekly rows comes to. */
const ROWS_PER_USER = 50;
/** Enough draws for a stable figure; scikit-learn's are extrapolated to 200. */
const PEER_BUDGET_SECONDS = 10;

interface Ours {
  read_ms: number;
  roc_auc_ms: number;
  average_precision_ms: number;
  both_ms: number;
  bootstrap_rows_ms: number;
  bootstrap_users_ms: number;
  all_measures_ms: number;
  roc_auc: number;
  average_precision: number;
}

async function childOurs(file: string): Promise<Ours> {
  const took: number[] = [];
  const timed = <T>(work: () => T): T => {
    const started = performance.now();
    const result = work();
    took.push(performance.now() - started);
    return result;
  };
  const started = performance.now();
  const [{ labels, scores }] = await readScored(file);
  const read = performance.now() - started;
  const auc = timed(() => rocAuc.of(labels, scores));
  const precision = timed(() => averagePrecision.of(labels, scores));
  timed(() => {
    const ranking = rankingOf(labels, scores);
    return [rocAucOf(ranking), averagePrecisionOf(ranking)];
  });
  const rowUnits = Int32Array.from(labels, (_, row) => row);
  const userUnits = rowUnits.map((row) => Math.floor(row / ROWS_PER_USER));
  timed(() => bootstrapBins(rankingOf(labels, scores), { seed: 7, draws: DRAWS }));
  timed(() => bootstrapUsers(labels, [{ scores }], userUnits, { seed: 7, draws: DRAWS, binned: true }));
  timed(() => evaluateSample({ labels, scores, units: rowUnits }, { seed: 7, draws: 0 }));
  return {
    read_ms: read,
    roc_auc_ms: took[0],
    average_precision_ms: took[1],
    both_ms: took[2],
    bootstrap_rows_ms: took[3],
    bootstrap_users_ms: took[4],
    all_measures_ms: took[5],
    roc_auc: auc.value as number,
    average_precision: precision.value as number,
  };
}

interface Scored {
  labels: Uint8Array;
  scores: Float64Array;
}

async function readScored(...files: string[]): Promise<Scored[]> {
  const engine = await openDuckDB({ memoryLimit: '2GB', threads: 2, spillFolder: `${files[0]}.spill` });
  const read = await sideBySide(files.map((file) => readFile(engine, file)));
  await engine.close();
  return read;
}

async function readFile(engine: Engine, file: string): Promise<Scored> {
  const labels = new Uint8Array(ROWS);
  const scores = new Float64Array(ROWS);
  let row = 0;
  for await (const chunk of engine.columns(
    sql`SELECT y_true, y_pred_proba FROM ${readTable(engine, file)}`,
  )) {
    labels.set(chunk.columns[0] as Float64Array, row);
    scores.set(chunk.columns[1] as Float64Array, row);
    row += chunk.rows;
  }
  return { labels, scores };
}

const CHUNKS = 10;

/** Learns from the reference, estimates and measures the chunks of the current table: the three measures that NannyML is asked for. */
async function childEstimate(
  reference: string,
  current: string,
): Promise<{ estimated: number[]; realised: number[] }> {
  const [known, { labels, scores }] = await readScored(reference, current);
  const size = ROWS / CHUNKS;
  const units = new Int32Array(ROWS).map((_, row) => row);
  const windows = units.map((row) => Math.floor(row / size));
  const flag = { threshold: 0.5 };
  const estimator = fitEstimator({ ...known, units }, { seed: 7, flag, windows });
  const parts = Array.from({ length: CHUNKS }, (_, i) => [i * size, (i + 1) * size] as const);
  const found = parts.map((part) =>
    estimateBesideRealised(estimator, labels.subarray(...part), scores.subarray(...part)),
  );
  return {
    estimated: found.map(({ estimate }) => estimate.measures.roc_auc.value as number),
    realised: found.map((chunk) => chunk.realised.roc_auc as number),
  };
}

interface Peer {
  version: string;
  read_s: number;
  auc_s: number;
  ap_s: number;
  boot_200_s: number;
  roc_auc: number;
  average_precision: number;
}

async function measure(): Promise<void> {
  const [maker, script] = [sharedFile('peers/make_tables.py'), sharedFile('peers/perf_sklearn.py')];
  const python = await pythonWith('sklearn');
  if (maker === null || script === null || python === null) {
    progress('needs the peers of the data folder (CHURN_SHARED) and Python with scikit-learn');
    process.exit(1);
  }
  await inTemporaryFolder(async (folder) => {
    const made = await runChild([
      python,
      maker,
      '--rows',
      String(ROWS),
      '--out',
      folder,
      '--no-csv',
      '--scored',
    ]);
    if (made.code !== 0) {
      throw new Error(made.stderr);
    }
    const file = join(folder, `scored_cur_${ROWS}.parquet`);
    const repeats = numberOption('repeats', 5);
    const ours: Ours[] = [];
    const peers: Peer[] = [];
    const peaks: [number[], number[]] = [[], []];
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`${repeat + 1} of ${repeats}`);
      const mine = await runSelf<Ours>(import.meta.url, ['--child', file]);
      const budget = ['--draws', String(DRAWS), '--budget-s', String(PEER_BUDGET_SECONDS)];
      const theirs = await runPython<Peer>(python, script, [
        '--current',
        file,
        ...budget,
        '--out',
        join(folder, 'peer.json'),
      ]);
      ours.push(mine.answer);
      peers.push(theirs.answer);
      peaks[0].push(mine.run.peakMiB);
      peaks[1].push(theirs.run.peakMiB);
    }
    tell(ours, peers, peaks, repeats, await besideNannyml(folder, repeats));
  });
}

interface Estimates {
  ours_s: number;
  peer_s: number;
  ours_cpu_s: number;
  peer_cpu_s: number;
  peak_mib: { ours: number; peer: number };
  version: string;
}

/** Whole processes in turn; null when NannyML cannot be installed. */
async function besideNannyml(folder: string, repeats: number): Promise<Estimates | null> {
  const script = sharedFile('peers/cbpe_nannyml.py');
  const python =
    process.argv.includes('--without-nannyml') || script === null ? null : await pythonWith('nannyml');
  if (python === null || script === null) {
    return null;
  }
  const [reference, current] = ['ref', 'cur'].map((name) => join(folder, `scored_${name}_${ROWS}.parquet`));
  const files = ['--reference', reference, '--current', current];
  const mine: ChildRun[] = [];
  const theirs: ChildRun[] = [];
  let version = '';
  for (let repeat = 0; repeat < Math.min(repeats, 3); repeat++) {
    progress(`estimates, ${repeat + 1} of ${Math.min(repeats, 3)}`);
    mine.push((await runSelf<unknown>(import.meta.url, ['--estimate', reference, current])).run);
    const out = join(folder, 'cbpe.json');
    const peer = await runPython<{ version: string }>(python, script, [...files, '--realized', '--out', out]);
    theirs.push(peer.run);
    version = peer.answer.version;
  }
  return {
    ours_s: median(mine.map((run) => run.seconds)),
    peer_s: median(theirs.map((run) => run.seconds)),
    ours_cpu_s: median(mine.map((run) => run.cpuSeconds)),
    peer_cpu_s: median(theirs.map((run) => run.cpuSeconds)),
    peak_mib: {
      ours: Math.max(...mine.map((run) => run.peakMiB)),
      peer: Math.max(...theirs.map((run) => run.peakMiB)),
    },
    version,
  };
}

function tell(
  ours: readonly Ours[],
  peers: readonly Peer[],
  peaks: [number[], number[]],
  repeats: number,
  estimates: Estimates | null,
): void {
  const mine = (key: keyof Ours) => median(ours.map((run) => run[key]));
  const theirs = (of: (run: Peer) => number) => 1000 * median(peers.map(of));
  const rows: [string, number, number][] = [
    ['read the file', mine('read_ms'), theirs((run) => run.read_s)],
    ['ROC AUC', mine('roc_auc_ms'), theirs((run) => run.auc_s)],
    ['average precision', mine('average_precision_ms'), theirs((run) => run.ap_s)],
    ['both', mine('both_ms'), theirs((run) => run.auc_s + run.ap_s)],
    [`${DRAWS} draws, rows`, mine('bootstrap_rows_ms'), theirs((run) => run.boot_200_s)],
    [
      `${DRAWS} draws, users of ${ROWS_PER_USER} rows`,
      mine('bootstrap_users_ms'),
      theirs((run) => run.boot_200_s),
    ],
  ];
  const differences = {
    roc_auc: Math.abs(ours[0].roc_auc - peers[0].roc_auc),
    average_precision: Math.abs(ours[0].average_precision - peers[0].average_precision),
  };
  report(
    {
      benchmark: 'measures',
      rows: ROWS,
      repeats,
      peer: `scikit-learn ${peers[0].version}`,
      figures: rows.map(([what, ours_ms, peer_ms]) => ({ what, ours_ms, peer_ms, ratio: peer_ms / ours_ms })),
      all_measures_ms: mine('all_measures_ms'),
      estimates,
      differences,
      peak_mib: { ours: Math.max(...peaks[0]), peer: Math.max(...peaks[1]) },
    },
    [
      `${ROWS.toLocaleString('en')} rows, medians of ${repeats}, beside scikit-learn ${peers[0].version} (its draws extrapolated from ${PEER_BUDGET_SECONDS} s)`,
      table(
        ['what', 'ours ms', 'scikit-learn ms', 'theirs / ours'],
        rows.map(([what, a, b]) => [what, fixed(a, 0), fixed(b, 0), fixed(b / a, 2)]),
      ),
      `all measures with calibration, without intervals: ${fixed(mine('all_measures_ms'), 0)} ms`,
      estimates === null
        ? 'without NannyML'
        : `estimated and realised in ${CHUNKS} chunks, whole processes: ${fixed(estimates.ours_s, 2)} s and ${fixed(estimates.peak_mib.ours, 0)} MiB, NannyML ${estimates.version} ${fixed(estimates.peer_s, 2)} s and ${fixed(estimates.peak_mib.peer, 0)} MiB: ${fixed(estimates.peer_s / estimates.ours_s, 1)}; processor time ${fixed(estimates.ours_cpu_s, 2)} and ${fixed(estimates.peer_cpu_s, 2)} s: ${fixed(estimates.peer_cpu_s / estimates.ours_cpu_s, 1)}`,
      `values differ by ${differences.roc_auc.toExponential(1)} and ${differences.average_precision.toExponential(1)}; ` +
        `peak memory ${fixed(Math.max(...peaks[0]), 0)} and ${fixed(Math.max(...peaks[1]), 0)} MiB`,
    ].join('\n'),
  );
}

const [part, file, other] = process.argv.slice(2);
if (part === '--child') {
  process.stdout.write(JSON.stringify(await childOurs(file)));
} else if (part === '--estimate') {
  process.stdout.write(JSON.stringify(await childEstimate(file, other)));
} else {
  await measure();
}
