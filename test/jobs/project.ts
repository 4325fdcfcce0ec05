import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runProgram } from '../../src/cli/program.js';
import { loadConfig } from '../../src/config/load.js';
import type { Drift, SyntheticSettings } from '../../src/data/synthetic/settings.js';
import { generate } from '../../src/jobs/generate.js';
import { promote } from '../../src/jobs/promote.js';
import { refreshData } from '../../src/jobs/run-steps.js';
import { trainVersion } from '../../src/jobs/train.js';
import { type OpenOptions, openProject, type Project } from '../../src/open.js';

/** A small year: learnt from until `trained`, quiet until `broken`, when people begin to do half as much. */
export const STORY = {
  start: '2025-01-01',
  days: 330,
  users: 400,
  seed: 7,
  trained: '2025-08-15',
  scored: '2025-08-16',
  quiet: '2025-10-01',
  broken: '2025-10-15',
  noticed: '2025-10-31',
  last: '2025-11-26',
} as const;

const SETTINGS: SyntheticSettings = {
  start: STORY.start,
  days: STORY.days,
  users: STORY.users,
  seed: STORY.seed,
  preset: 'default',
  drift: [{ kind: 'shift', date: STORY.broken }],
};

export type ConfigInput = Record<string, unknown>;

/** Quick to train beside other tests, and content with few users of a class. */
export const QUICK: ConfigInput = {
  engine: { threads: 1 },
  training: { rounds: 60, early_stopping_rounds: 10 },
  evaluation: { draws: 300 },
  gate: { minimum_per_class: 20 },
};

const folders: string[] = [];
const opened: Project[] = [];

/** Closes and removes everything that this file made; for `after`. */
export async function cleanUp(): Promise<void> {
  await Promise.all(opened.splice(0).map((project) => project.close().catch(() => undefined)));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-jobs-'));
  folders.push(folder);
  return folder;
}

/** JSON is YAML. */
export async function writeConfig(folder: string, config: ConfigInput): Promise<void> {
  await writeFile(join(folder, 'churn.yaml'), JSON.stringify(config, null, 2));
}

export async function openIn(folder: string, options: OpenOptions = {}): Promise<Project> {
  const project = await openProject(await loadConfig({ folder, environment: {} }), options);
  opened.push(project);
  return project;
}

/** An empty project in a folder of its own. */
export async function newProject(config: ConfigInput = QUICK): Promise<Project> {
  const folder = await newFolder();
  await writeConfig(folder, config);
  return openIn(folder);
}

/** A project with generated data and tables. */
export async function preparedProject(
  options: { config?: ConfigInput; at?: string; drift?: Drift[]; settings?: Partial<SyntheticSettings> } = {},
): Promise<Project> {
  const project = await newProject(options.config);
  const drift = options.drift ?? SETTINGS.drift;
  await generate(project, { ...SETTINGS, ...options.settings, drift });
  await refreshData(project, { at: options.at ?? STORY.trained });
  return project;
}

/** A prepared project with a linear champion of the day STORY.trained. */
export async function championProject(options: Parameters<typeof preparedProject>[0] = {}): Promise<Project> {
  const project = await preparedProject(options);
  const { version } = await trainVersion(project, { at: STORY.trained, trainer: 'linear' });
  await promote(project, { version, force: false, at: STORY.trained });
  return project;
}

/** The same files in another folder, with the configuration changed where told. */
export async function copyOf(project: Project, config?: ConfigInput): Promise<Project> {
  const folder = await newFolder();
  await cp(project.root, folder, { recursive: true });
  if (config) {
    await writeConfig(folder, config);
  }
  return openIn(folder);
}

export async function readReport<T = Record<string, unknown>>(project: Project, name: string): Promise<T> {
  return JSON.parse(await readFile(project.layout.metrics(name), 'utf8')) as T;
}

export interface Called {
  code: number;
  out: string;
  err: string;
  /** stdout as the one JSON document that it must be. */
  json<T = Record<string, unknown>>(): T;
}

/** The command line in this process. */
export async function call(
  folder: string,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Called> {
  const [out, err] = [new Sink(), new Sink()];
  const signal = new AbortController().signal;
  const code = await runProgram({ args, folder, environment, signal, out, err });
  return { code, out: out.text, err: err.text, json: () => JSON.parse(out.text) };
}

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
