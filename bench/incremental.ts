/**
 * `run` as a process of its own after one new day of 120, after a late event, and after nothing, each beside `run --force` on the same
 * sources. Options: --users N (20000), --repeats N (5), --json.
 */
import { cp, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { duckdb, openDatabase } from '../src/data/engine/duckdb-client.js';
import { type ChildRun, runCli } from './measuring/child.js';
import { inTemporaryFolder, writeProject } from './measuring/places.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

const DAYS = 121;
/** Users who are not there before the last day. */
const NEW_USERS = 50;
const LATE_DAYS = 40;

/** The states of the sources, each a folder with users.parquet and events.parquet. */
const STATES = {
  before: { events: `day < last AND user_id > ${NEW_USERS}`, users: `user_id > ${NEW_USERS}` },
  'one new day': { events: `day = last OR user_id > ${NEW_USERS}`, users: 'TRUE' },
  'one late event': { events: `day < last AND user_id > ${NEW_USERS}`, users: `user_id > ${NEW_USERS}` },
} as const;
type State = keyof typeof STATES;

/** Generates a log and puts its states beside it. */
async function writeStates(folder: string, users: number): Promise<void> {
  await writeProject(folder, '');
  const size = ['--users', String(users), '--days', String(DAYS)];
  await runCli(folder, ['generate', '--preset', 'section-12', '--quiet', ...size]);
  const connection = await duckdb.connect(await openDatabase({}));
  const files = (name: string) => `read_parquet('${join(folder, 'data/raw', name)}.parquet')`;
  await duckdb.query(
    connection,
    `CREATE TABLE log AS SELECT *, CAST(event_time AS DATE) AS day, max(CAST(event_time AS DATE)) OVER () AS last FROM ${files('events')}`,
  );
  for (const [state, { events, users: known }] of Object.entries(STATES)) {
    const place = join(folder, state);
    await mkdir(place);
    const late =
      state === 'one late event'
        ? ` UNION ALL (SELECT * REPLACE (-1 AS event_id, event_time - INTERVAL ${LATE_DAYS} DAY AS event_time) FROM log WHERE day = last - 1 AND user_id > ${NEW_USERS} ORDER BY event_id LIMIT 1)`
        : '';
    const kept = `SELECT * EXCLUDE (day, last) FROM (SELECT * FROM log WHERE ${events}${late}) ORDER BY event_id`;
    await duckdb.query(connection, `COPY (${kept}) TO '${join(place, 'events.parquet')}' (FORMAT parquet)`);
    await duckdb.query(
      connection,
      `COPY (SELECT * FROM ${files('users')} WHERE ${known}) TO '${join(place, 'users.parquet')}' (FORMAT parquet)`,
    );
  }
  duckdb.disconnect_sync(connection);
}

async function useState(folder: string, project: string, state: State): Promise<void> {
  for (const name of ['users.parquet', 'events.parquet']) {
    const target = join(project, 'data/raw', name);
    await cp(join(folder, state, name), `${target}.new`);
    await rename(`${target}.new`, target);
  }
}

interface Pair {
  some: ChildRun;
  all: ChildRun;
}

/** A project that ran before, then `run` with and without --force once its sources have changed. */
async function measurePair(folder: string, project: string, state: State): Promise<Pair> {
  await useState(folder, project, 'before');
  await runCli(project, ['run']);
  await useState(folder, project, state);
  const some = await runCli(project, ['run', '--json']);
  const all = await runCli(project, ['run', '--force', '--json']);
  return { some, all };
}

async function measure(): Promise<void> {
  const repeats = numberOption('repeats', 5);
  const users = numberOption('users', 20_000);
  await inTemporaryFolder(async (folder) => {
    await writeStates(folder, users);
    const project = join(folder, 'project');
    await writeProject(project, '');
    await mkdir(join(project, 'data/raw'), { recursive: true });
    const cases = ['one new day', 'one late event', 'before'] as const;
    const figures = [];
    for (const state of cases) {
      const title = state === 'before' ? 'nothing' : state;
      const pairs: Pair[] = [];
      for (let repeat = 0; repeat < repeats; repeat++) {
        progress(`${title}: ${repeat + 1} of ${repeats}`);
        pairs.push(await measurePair(folder, project, state));
      }
      const middle = (part: keyof Pair, figure: 'seconds' | 'cpuSeconds' | 'peakMiB') =>
        median(pairs.map((pair) => pair[part][figure]));
      figures.push({
        after: title,
        seconds: middle('some', 'seconds'),
        full_seconds: middle('all', 'seconds'),
        ratio: middle('all', 'seconds') / middle('some', 'seconds'),
        cpu_seconds: middle('some', 'cpuSeconds'),
        full_cpu_seconds: middle('all', 'cpuSeconds'),
        cpu_ratio: middle('all', 'cpuSeconds') / middle('some', 'cpuSeconds'),
        peak_mib: middle('some', 'peakMiB'),
        full_peak_mib: middle('all', 'peakMiB'),
        steps: stepsOf(pairs[0].some),
        full_steps: stepsOf(pairs[0].all),
      });
    }
    const rows = figures.map((figure) => [
      figure.after,
      fixed(figure.seconds, 2),
      fixed(figure.full_seconds, 2),
      fixed(figure.ratio, 1),
      fixed(figure.cpu_seconds, 2),
      fixed(figure.full_cpu_seconds, 2),
      fixed(figure.cpu_ratio, 1),
      fixed(figure.peak_mib, 0),
      fixed(figure.full_peak_mib, 0),
    ]);
    const head = [
      'run after',
      's',
      '--force s',
      'ratio',
      'cpu s',
      '--force cpu s',
      'cpu ratio',
      'MiB',
      '--force MiB',
    ];
    const steps = figures.map(
      ({ after, steps: some, full_steps: all }) => `${after}: ${some}; --force: ${all}`,
    );
    report(
      { benchmark: 'incremental', users, days: DAYS - 1, repeats, figures },
      `${users} users, ${DAYS - 1} days, medians of ${repeats}\n${table(head, rows)}\n${steps.join('\n')}`,
    );
  });
}

/** What each step did and took, of one run. */
function stepsOf(run: ChildRun): string {
  const steps = JSON.parse(run.stdout) as { step: string; seconds: number; refreshed: { done: string } }[];
  return steps
    .map(({ step, seconds, refreshed }) => `${step} ${refreshed.done} ${fixed(seconds, 2)} s`)
    .join(', ');
}

await measure();
