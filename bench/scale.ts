/**
 * Many times the users: time and memory of run, train and drift on generated data over 120 days, small and large. For ten times
 * 2,000 users at most 12 times the time and 4 GiB are allowed. From 0.5 to 50 million events the time of an event may grow by
 * half, below 8 GiB: --users 2900 --factor 100 --repeats 1 --default-only.
 * Options: --repeats N (3), --users N (2000), --factor N (10), --default-only (one set of rules), --json.
 */
import { type ChildRun, runCli } from './measuring/child.js';
import { EVERY_USER_DAY, inTemporaryFolder, writeProject } from './measuring/places.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

const RULES = { default: '', 'every user-day': EVERY_USER_DAY };
const DAYS = 120;
/** promote gives drift its champion; it is shown, not counted. */
const COMMANDS = ['generate', 'run', 'train', 'promote', 'drift'] as const;
const COUNTED: readonly string[] = ['run', 'train', 'drift'];
type CommandName = (typeof COMMANDS)[number];
type Runs = Record<CommandName, ChildRun> & { events: number };

async function play(users: number, settings: string): Promise<Runs> {
  return inTemporaryFolder(async (folder) => {
    await writeProject(folder, settings);
    const made: Partial<Runs> = {};
    for (const command of COMMANDS) {
      progress(`${users} users: ${command}`);
      const more = command === 'generate' ? ['--users', String(users), '--days', String(DAYS), '--json'] : [];
      made[command] = await runCli(folder, [command, ...more]);
    }
    const generated = JSON.parse(made.generate?.stdout ?? '') as { events: { rows: number } };
    return { ...made, events: generated.events.rows } as Runs;
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
async function measureRules(
  rules: keyof typeof RULES,
  users: number,
  factor: number,
  repeats: number,
): Promise<{ rows: Row[]; events: [small: number, large: number] }> {
  const small: Runs[] = [];
  const large: Runs[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    progress(`rules ${rules}: ${repeat + 1} of ${repeats}`);
    small.push(await play(users, RULES[rules]));
    large.push(await play(users * factor, RULES[rules]));
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
  const rows = [
    ...COMMANDS.map((command) => row(command, (runs) => runs[command])),
    row('run + train + drift', together),
  ];
  return { rows, events: [small[0].events, large[0].events] };
}

const repeats = numberOption('repeats', 3);
const users = numberOption('users', 2000);
const factor = numberOption('factor', 10);
const chosen = process.argv.includes('--default-only')
  ? (['default'] as const)
  : (Object.keys(RULES) as (keyof typeof RULES)[]);
const results: ({ rules: string } & Awaited<ReturnType<typeof measureRules>>)[] = [];
for (const rules of chosen) {
  results.push({ rules, ...(await measureRules(rules, users, factor, repeats)) });
}
report(
  { benchmark: 'scale', users, days: DAYS, factor, repeats, results },
  results
    .map(({ rules, rows, events }) => {
      const growth = events[1] / events[0];
      const millions = events.map((count) => fixed(count / 1e6, 1)).join(' and ');
      return `Rules: ${rules}; ${millions} million events of ${DAYS} days, medians of ${repeats}\n${table(
        [
          'command',
          'small s',
          'large s',
          'ratio',
          'an event',
          'cpu ratio',
          'of an event',
          'small MiB',
          'large MiB',
        ],
        rows.map((row) => [
          row.command,
          fixed(row.small_seconds, 2),
          fixed(row.large_seconds, 2),
          fixed(row.ratio, 1),
          fixed(row.ratio / growth, 2),
          fixed(row.cpu_ratio, 1),
          fixed(row.cpu_ratio / growth, 2),
          fixed(row.small_peak_mib, 0),
          fixed(row.large_peak_mib, 0),
        ]),
      )}`;
    })
    .join('\n\n'),
);
