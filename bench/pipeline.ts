/**
 * Each step of the loop on the described data, beside the bare DuckDB time of the very SQL that it runs; then whole
 * processes as a user starts them. Options: --repeats N (5), --json.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { loadConfig } from '../src/config/load.js';
import { STEPS } from '../src/data/steps/index.js';
import { checkDrift } from '../src/jobs/drift.js';
import { evaluatePredictions } from '../src/jobs/evaluate.js';
import { promote } from '../src/jobs/promote.js';
import { runSteps } from '../src/jobs/run-steps.js';
import { scoreDay } from '../src/jobs/score.js';
import { trainVersion } from '../src/jobs/train.js';
import { openProject, type Project } from '../src/open.js';
import { runCli, runSelf } from './measuring/child.js';
import {
  EVERY_USER_DAY,
  inTemporaryFolder,
  type SourceFiles,
  sectionTwelveFiles,
  writeProject,
} from './measuring/places.js';
import { type Recorded, recordingEngine, replay } from './measuring/recording.js';
import {
  fixed,
  median,
  numberOption,
  progress,
  report,
  type Spread,
  spreadOf,
  stopwatch,
  type Took,
  table,
} from './measuring/report.js';

/** Scored on a day whose outcome is known at the end of the data. */
const SCORED = '2026-03-31';
const RULES = { default: '', 'every user-day': EVERY_USER_DAY };
type RulesName = keyof typeof RULES;

interface Step {
  step: string;
  took: Took;
  calls: Recorded[];
}

/** The loop in one process, as the demo plays it; every step with the SQL that it ran. */
async function playLoop(project: Project, calls: Recorded[]): Promise<Step[]> {
  const steps: Step[] = [];
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const watch = stopwatch();
    const result = await work();
    steps.push({ step, took: watch(), calls: calls.splice(0) });
    return result;
  };
  for (const step of STEPS) {
    await timed(step.id, () => runSteps(project, [step]));
  }
  const linear = await timed('train linear', () => trainVersion(project, { at: null, trainer: 'linear' }));
  await promote(project, { version: linear.version, force: false, at: null });
  calls.length = 0;
  const trees = await timed('train xgboost', () => trainVersion(project, { at: null, trainer: 'xgboost' }));
  await timed('promote', () => promote(project, { version: trees.version, force: false, at: null }));
  await timed('score', () => scoreDay(project, { date: SCORED, at: null, version: trees.version }));
  await timed('drift', () => checkDrift(project, { at: null, refresh: false }));
  await timed('evaluate', () => evaluatePredictions(project, { at: null, date: SCORED }));
  return steps;
}

/** A child's part: plays the loop in `folder`, leaves the SQL in a file there, prints the times. */
async function childOurs(folder: string): Promise<void> {
  const project = await openProject(await loadConfig({ folder, environment: {} }));
  const calls: Recorded[] = [];
  const engine = recordingEngine(await project.engine(), calls);
  const steps = await playLoop({ ...project, engine: async () => engine }, calls);
  await project.close();
  await writeFile(join(folder, 'calls'), serialize(steps.map(({ step, calls }) => ({ step, calls }))));
  process.stdout.write(JSON.stringify(Object.fromEntries(steps.map(({ step, took }) => [step, took]))));
}

async function childBare(folder: string): Promise<void> {
  const groups = deserialize(await readFile(join(folder, 'calls'))) as { step: string; calls: Recorded[] }[];
  process.stdout.write(JSON.stringify(await replay(groups)));
}

interface StepFigures {
  step: string;
  ours_ms: number;
  ours_least_ms: number;
  bare_ms: number;
  ratio: number;
  /** Of processor time, all threads: for a machine that others use too. */
  ours_cpu_ms: number;
  bare_cpu_ms: number;
  cpu_ratio: number;
}

interface LoopFigures {
  rules: RulesName;
  steps: StepFigures[];
  data_steps_seconds: Spread;
  all_seconds: Spread;
  peak_mib: number;
  bare_peak_mib: number;
}

/** Ours and bare in turn, each in a process of its own. */
async function measureLoop(rules: RulesName, sources: SourceFiles, repeats: number): Promise<LoopFigures> {
  const ours: Record<string, Took>[] = [];
  const bare: Record<string, Took>[] = [];
  const peaks: number[] = [];
  const barePeaks: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    progress(`steps, rules ${rules}: ${repeat + 1} of ${repeats}`);
    await inTemporaryFolder(async (folder) => {
      await writeProject(folder, RULES[rules], sources);
      const first = await runSelf<Record<string, Took>>(import.meta.url, ['--child-ours', folder]);
      ours.push(first.answer);
      peaks.push(first.run.peakMiB);
      const second = await runSelf<Record<string, Took>>(import.meta.url, ['--child-bare', folder]);
      bare.push(second.answer);
      barePeaks.push(second.run.peakMiB);
    });
  }
  const steps = Object.keys(ours[0]).map((step): StepFigures => {
    const times = spreadOf(ours.map((run) => run[step].milliseconds));
    const sql = median(bare.map((run) => run[step].milliseconds));
    const cpu = median(ours.map((run) => run[step].cpuMilliseconds));
    const sqlCpu = median(bare.map((run) => run[step].cpuMilliseconds));
    return {
      step,
      ours_ms: times.median,
      ours_least_ms: times.least,
      bare_ms: sql,
      ratio: times.median / sql,
      ours_cpu_ms: cpu,
      bare_cpu_ms: sqlCpu,
      cpu_ratio: cpu / sqlCpu,
    };
  });
  const seconds = (chosen: readonly string[]) =>
    spreadOf(ours.map((run) => chosen.reduce((sum, step) => sum + run[step].milliseconds, 0) / 1000));
  return {
    rules,
    steps,
    data_steps_seconds: seconds(STEPS.map((step) => step.id)),
    all_seconds: seconds(steps.map(({ step }) => step)),
    peak_mib: Math.max(...peaks),
    bare_peak_mib: Math.max(...barePeaks),
  };
}

interface CliFigures {
  rules: RulesName;
  run_seconds: number;
  loop_seconds: number;
  peak_mib: number;
  cpu_seconds: number;
  commands: { command: string; seconds: number; cpu_seconds: number; peak_mib: number }[];
}

const COMMANDS = [['run'], ['train'], ['promote'], ['score', '--date', SCORED], ['drift']];

/** Commands as a user types them: each starts a process, loads what it needs and ends. */
async function measureCli(rules: RulesName, sources: SourceFiles, repeats: number): Promise<CliFigures> {
  const seconds = COMMANDS.map((): number[] => []);
  const cpu = COMMANDS.map((): number[] => []);
  const peaks = COMMANDS.map(() => 0);
  for (let repeat = 0; repeat < repeats; repeat++) {
    progress(`commands, rules ${rules}: ${repeat + 1} of ${repeats}`);
    await inTemporaryFolder(async (folder) => {
      await writeProject(folder, RULES[rules], sources);
      for (const [i, command] of COMMANDS.entries()) {
        const run = await runCli(folder, command);
        seconds[i].push(run.seconds);
        cpu[i].push(run.cpuSeconds);
        peaks[i] = Math.max(peaks[i], run.peakMiB);
      }
    });
  }
  const together = (each: number[][]) =>
    median(each[0].map((_, repeat) => each.reduce((sum, times) => sum + times[repeat], 0)));
  return {
    rules,
    run_seconds: median(seconds[0]),
    loop_seconds: together(seconds),
    cpu_seconds: together(cpu),
    peak_mib: Math.max(...peaks),
    commands: COMMANDS.map((command, i) => ({
      command: command[0],
      seconds: median(seconds[i]),
      cpu_seconds: median(cpu[i]),
      peak_mib: peaks[i],
    })),
  };
}

function showLoop(figures: LoopFigures): string {
  const rows = figures.steps.map((step) => [
    step.step,
    fixed(step.ours_ms, 0),
    fixed(step.ours_least_ms, 0),
    fixed(step.bare_ms, 0),
    fixed(step.ratio, 2),
    fixed(step.ours_cpu_ms, 0),
    fixed(step.bare_cpu_ms, 0),
    fixed(step.cpu_ratio, 2),
  ]);
  const sum = (spread: Spread) => `${fixed(spread.median, 2)} s (least ${fixed(spread.least, 2)})`;
  return [
    `Rules: ${figures.rules}`,
    table(
      ['step', 'ours ms', 'least', 'bare SQL ms', 'ratio', 'ours cpu ms', 'bare cpu ms', 'cpu ratio'],
      rows,
    ),
    `up to the training set ${sum(figures.data_steps_seconds)}, everything ${sum(figures.all_seconds)}, ` +
      `peak memory ${fixed(figures.peak_mib, 0)} MiB (the bare SQL alone ${fixed(figures.bare_peak_mib, 0)} MiB)`,
  ].join('\n');
}

function showCli(all: readonly CliFigures[]): string {
  const rows = all.map(({ rules, commands, loop_seconds, cpu_seconds, peak_mib }) => [
    rules,
    ...commands.map(({ seconds }) => fixed(seconds, 2)),
    fixed(loop_seconds, 2),
    fixed(cpu_seconds, 2),
    fixed(peak_mib, 0),
  ]);
  return `Whole processes, seconds\n${table(['rules', ...COMMANDS.map(([name]) => name), 'all five', 'their cpu', 'peak MiB'], rows)}`;
}

async function measure(): Promise<void> {
  const repeats = numberOption('repeats', 5);
  await inTemporaryFolder(async (folder) => {
    const sources = await sectionTwelveFiles(folder);
    const names = Object.keys(RULES) as RulesName[];
    const loops: LoopFigures[] = [];
    const commands: CliFigures[] = [];
    for (const rules of names) {
      loops.push(await measureLoop(rules, sources, repeats));
      commands.push(await measureCli(rules, sources, repeats));
    }
    report(
      { benchmark: 'pipeline', data: sources.title, repeats, loops, commands },
      [`On ${sources.title}, medians of ${repeats}`, ...loops.map(showLoop), showCli(commands)].join('\n\n'),
    );
  });
}

const [part, folder] = process.argv.slice(2);
await (part === '--child-ours' ? childOurs(folder) : part === '--child-bare' ? childBare(folder) : measure());
