/**
 * Drift between two tables, files to JSON, whole processes in turn: ours from two tables and from a saved reference profile, the
 * described system's PSI (numpy and pandas), NannyML and Evidently. Needs the data folder's peers.
 * Options: --repeats N (3), --rows N,N (100000,1000000), --csv (CSV instead of Parquet), --json, --without-slow (only numpy beside ours).
 */
import { join } from 'node:path';
import { type ChildRun, runCli } from './measuring/child.js';
import { inTemporaryFolder, sharedFile } from './measuring/places.js';
import { type PythonEnvironment, pythonWith, runPython } from './measuring/python.js';
import { fixed, median, numberOption, numbersOption, progress, report, table } from './measuring/report.js';
import { tableMaker } from './measuring/tables.js';

const ROWS = numbersOption('rows', [100_000, 1_000_000]);
const ENDING = process.argv.includes('--csv') ? 'csv' : 'parquet';

interface Contestant {
  name: string;
  /** Peers that take a minute are run once less. */
  slow: boolean;
  run(reference: string, current: string, folder: string): Promise<ChildRun>;
}

const OURS: Contestant[] = [
  {
    name: 'churn-mlops drift, two tables',
    slow: false,
    run: (reference, current, folder) =>
      runCli(folder, ['drift', '--reference', reference, '--current', current, '--json']),
  },
  {
    name: 'churn-mlops drift, saved profile',
    slow: false,
    run: (reference, current, folder) =>
      runCli(folder, ['drift', '--reference', savedProfile(reference), '--current', current, '--json']),
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

/** Where the profile of a reference lies; made before the runs. */
function savedProfile(reference: string): string {
  return `${reference}.profile.json`;
}

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
    slow: environment !== 'numpy',
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
  /** Of medians of wall and processor time, against ours from two tables. */
  ratio: number;
  cpu_ratio: number;
}

async function measure(
  contestants: readonly Contestant[],
  rows: number,
  [reference, current]: readonly [string, string],
  folder: string,
  repeats: number,
): Promise<Row[]> {
  await runCli(folder, ['profile', reference, '--out', savedProfile(reference), '--json']);
  const runs = contestants.map((): ChildRun[] => []);
  for (let repeat = 0; repeat < repeats; repeat++) {
    progress(`${rows} rows: ${repeat + 1} of ${repeats}`);
    for (const [i, contestant] of contestants.entries()) {
      if (!contestant.slow || repeat < Math.max(1, repeats - 1)) {
        runs[i].push(await contestant.run(reference, current, folder));
      }
    }
  }
  const [ours, oursCpu] = [
    median(runs[0].map((run) => run.seconds)),
    median(runs[0].map((run) => run.cpuSeconds)),
  ];
  return contestants.map(({ name }, i) => {
    const seconds = median(runs[i].map((run) => run.seconds));
    const cpuSeconds = median(runs[i].map((run) => run.cpuSeconds));
    return {
      name,
      rows,
      seconds,
      cpu_seconds: cpuSeconds,
      peak_mib: Math.max(...runs[i].map((run) => run.peakMiB)),
      ratio: seconds / ours,
      cpu_ratio: cpuSeconds / oursCpu,
    };
  });
}

const make = await tableMaker(ENDING);
if (make === null) {
  process.exit(1);
}
const repeats = numberOption('repeats', 3);
const peers = [await peer('the described PSI (numpy, pandas)', 'numpy', 'drift_section12.py')];
if (!process.argv.includes('--without-slow')) {
  peers.push(await peer('NannyML', 'nannyml', 'drift_nannyml.py'));
  peers.push(await peer('Evidently, default', 'evidently', 'drift_evidently.py'));
  peers.push(await peer('Evidently, PSI', 'evidently', 'drift_evidently.py', ['--method', 'psi']));
}
const contestants = [...OURS, ...peers.filter((found) => found !== null)];
await inTemporaryFolder(async (folder) => {
  const results: Row[] = [];
  for (const rows of ROWS) {
    const tables = await make(folder, rows);
    results.push(...(await measure(contestants, rows, tables, folder, repeats)));
  }
  report(
    { benchmark: 'drift-tables', repeats, results },
    ROWS.map(
      (rows) =>
        `${rows.toLocaleString('en')} rows x 12 columns, ${ENDING}, medians of ${repeats}\n` +
        table(
          ['program', 'wall s', 'cpu s', 'peak MiB', 'wall / ours', 'cpu / ours'],
          results
            .filter((row) => row.rows === rows)
            .map((row) => [
              row.name,
              fixed(row.seconds, 2),
              fixed(row.cpu_seconds, 2),
              fixed(row.peak_mib, 0),
              fixed(row.ratio, 2),
              fixed(row.cpu_ratio, 2),
            ]),
        ),
    ).join('\n\n'),
  );
});
