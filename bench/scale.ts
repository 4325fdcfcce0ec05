/**
 * Ten times the users: time and memory of run, train and drift on generated data of 2,000 and 20,000 users over 120
 * days. At most 12 times the time and 4 GiB are allowed. Options: --repeats N (3), --users N (2000), --json.
 */
import { type ChildRun, runCli } from './measuring/child.js';
import { EVERY_USER_DAY, inTemporaryFolder, writeProject } from './measuring/places.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

const RULES = { default: '', 'every user-day': EVERY_USER_DAY };
const DAYS = 120;
const FACTOR = 10;
/** promote gives drift its champion; it is shown, not counted. */
const COMMANDS = ['generate', 'run', 'train', 'promote', 'drift'] as const;
const COUNTED: readonly string[] = ['run', 'train', 'drift'];
type CommandName = (typeof COMMANDS)[number];
type Runs = Record<CommandName, ChildRun>;

async function play(users: number, settings: string): Promise<Runs> {
  return inTemporaryFolder(async (folder) => {
    await writeProject(folder, settings);
    const made: Partial<Runs> = {};
    for (const command of COMMANDS) {
      const more = command === 'generate' ? ['--users', String(users), '--days', String(DAYS)] : [];
      made[command] = await runCli(folder, [command, ...more]);
    }
    return made as Runs;
  });
}

interface Row {
  command: string;
  small_seconds: number;
  large_seconds: number;
  ratio: number;
  cpu_ratio: number;
  small_peak_mib: number;
  large_peak_mib: number;
}

/** Small and large in turn; medians, and the largest peaks. */
async function measureRules(rules: keyof typeof RULES, users: number, repeats: number): Promise<Row[]> {
  const small: Runs[] = [];
  const large: Runs[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    progress(`rules ${rules}: ${repeat + 1} of ${repeats}`);
    small.push(await play(users, RULES[rules]));
    large.push(await play(users * FACTOR, RULES[rules]));
  }
  const row = (
    command: string,
    of: (runs: Runs) => Pick<ChildRun, 'seconds' | 'cpuSeconds' | 'peakMiB'>,
  ): Row => {
    const [before, after] = [small.map(of), large.map(of)];
    const seconds = [before, after].map((runs) => median(runs.map((run) => run.seconds)));
    const cpu = [before, after].map((runs) => median(runs.map((run) => run.cpuSeconds)));
    return {
      command,
      small_seconds: seconds[0],
      large_seconds: seconds[1],
      ratio: seconds[1] / seconds[0],
      cpu_ratio: cpu[1] / cpu[0],
      small_peak_mib: Math.max(...before.map((run) => run.peakMiB)),
      large_peak_mib: Math.max(...after.map((run) => run.peakMiB)),
    };
  };
  const together = (runs: Runs) => {
    const counted = COMMANDS.filter((command) => COUNTED.includes(command)).map((command) => runs[command]);
    return {
      seconds: counted.reduce((sum, run) => sum + run.seconds, 0),
      cpuSeconds: counted.reduce((sum, run) => sum + run.cpuSeconds, 0),
      peakMiB: Math.max(...counted.map((run) => run.peakMiB)),
    };
  };
  return [
    ...COMMANDS.map((command) => row(command, (runs) => runs[command])),
    row('run + train + drift', together),
  ];
}

const repeats = numberOption('repeats', 3);
const users = numberOption('users', 2000);
const results: { rules: string; rows: Row[] }[] = [];
for (const rules of Object.keys(RULES) as (keyof typeof RULES)[]) {
  results.push({ rules, rows: await measureRules(rules, users, repeats) });
}
report(
  { benchmark: 'scale', users, days: DAYS, factor: FACTOR, repeats, results },
  results
    .map(
      ({ rules, rows }) =>
        `Rules: ${rules}; users at risk ${users} and ${users * FACTOR}, ${DAYS} days, medians of ${repeats}\n` +
        table(
          ['command', 'small s', 'large s', 'ratio', 'cpu ratio', 'small MiB', 'large MiB'],
          rows.map((row) => [
            row.command,
            fixed(row.small_seconds, 2),
            fixed(row.large_seconds, 2),
            fixed(row.ratio, 1),
            fixed(row.cpu_ratio, 1),
            fixed(row.small_peak_mib, 0),
            fixed(row.large_peak_mib, 0),
          ]),
        ),
    )
    .join('\n\n'),
);
