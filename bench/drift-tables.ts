/**
 * Drift between two tables, files to JSON, whole processes in turn: ours, the described system's PSI (numpy and pandas)
 * and Evidently. Needs the data folder's peers. Options: --repeats N (3), --json, --without-evidently.
 */
import { join } from 'node:path';
import { type ChildRun, runChild, runCli } from './measuring/child.js';
import { inTemporaryFolder, sharedFile } from './measuring/places.js';
import { type PythonEnvironment, pythonWith, runPython } from './measuring/python.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

const ROWS = [100_000, 1_000_000];

interface Contestant {
  name: string;
  /** Peers that take a minute are run once less. */
  slow: boolean;
  run(reference: string, current: string, folder: string): Promise<ChildRun>;
}

const OURS: Contestant[] = [
  {
    name: 'churn-mlops drift',
    slow: false,
    run: (reference, current, folder) =>
      runCli(folder, ['drift', '--reference', reference, '--current', current, '--json']),
  },
  {
    name: 'churn-mlops drift --compat section-12',
    slow: false,
    run: (reference, current, folder) =>
      runCli(folder, [
        'drift',
        '--reference',
        reference,
        '--current',
        current,
        '--json',
        '--compat',
        'section-12',
      ]),
  },
];

async function peer(
  name: string,
  environment: PythonEnvironment,
  script: string,
  more: readonly string[] = [],
): Promise<Contestant | null> {
  const path = sharedFile('peers', script);
  const python = path === null ? null : await pythonWith(environment);
  if (path === null || python === null) {
    return null;
  }
  return {
    name,
    slow: environment === 'evidently',
    run: async (reference, current, folder) => {
      const files = ['--reference', reference, '--current', current, '--out', join(folder, 'peer.json')];
      return (await runPython(python, path, [...files, ...more])).run;
    },
  };
}

interface Row {
  name: string;
  rows: number;
  seconds: number;
  cpu_seconds: number;
  peak_mib: number;
  /** Of medians, against ours. */
  ratio: number;
}

async function measure(
  contestants: readonly Contestant[],
  rows: number,
  folder: string,
  repeats: number,
): Promise<Row[]> {
  const [reference, current] = ['ref', 'cur'].map((name) => join(folder, `${name}_${rows}.parquet`));
  const runs = contestants.map((): ChildRun[] => []);
  for (let repeat = 0; repeat < repeats; repeat++) {
    progress(`${rows} rows: ${repeat + 1} of ${repeats}`);
    for (const [i, contestant] of contestants.entries()) {
      if (!contestant.slow || repeat < Math.max(1, repeats - 1)) {
        runs[i].push(await contestant.run(reference, current, folder));
      }
    }
  }
  const ours = median(runs[0].map((run) => run.seconds));
  return contestants.map(({ name }, i) => {
    const seconds = median(runs[i].map((run) => run.seconds));
    return {
      name,
      rows,
      seconds,
      cpu_seconds: median(runs[i].map((run) => run.cpuSeconds)),
      peak_mib: Math.max(...runs[i].map((run) => run.peakMiB)),
      ratio: seconds / ours,
    };
  });
}

const maker = sharedFile('peers/make_tables.py');
const python = await pythonWith('numpy');
if (maker === null || python === null) {
  progress(
    'needs peers/make_tables.py in the data folder (CHURN_SHARED) and Python with numpy, pandas and pyarrow',
  );
  process.exit(1);
}
const repeats = numberOption('repeats', 3);
const peers = [await peer('the described PSI (numpy, pandas)', 'numpy', 'drift_section12.py')];
if (!process.argv.includes('--without-evidently')) {
  peers.push(await peer('Evidently, default', 'evidently', 'drift_evidently.py'));
  peers.push(await peer('Evidently, PSI', 'evidently', 'drift_evidently.py', ['--method', 'psi']));
}
const contestants = [...OURS, ...peers.filter((found) => found !== null)];
await inTemporaryFolder(async (folder) => {
  const results: Row[] = [];
  for (const rows of ROWS) {
    progress(`making two tables of ${rows} rows`);
    const made = await runChild([python, maker, '--rows', String(rows), '--out', folder, '--no-csv']);
    if (made.code !== 0) {
      throw new Error(made.stderr);
    }
    results.push(...(await measure(contestants, rows, folder, repeats)));
  }
  report(
    { benchmark: 'drift-tables', repeats, results },
    ROWS.map(
      (rows) =>
        `${rows.toLocaleString('en')} rows x 12 columns, Parquet, medians of ${repeats}\n` +
        table(
          ['program', 'wall s', 'cpu s', 'peak MiB', 'wall / ours'],
          results
            .filter((row) => row.rows === rows)
            .map((row) => [
              row.name,
              fixed(row.seconds, 2),
              fixed(row.cpu_seconds, 2),
              fixed(row.peak_mib, 0),
              fixed(row.ratio, 2),
            ]),
        ),
    ).join('\n\n'),
  );
});
