import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCli } from './child.js';

/** A file of the data folder (CHURN_SHARED, default `../shared`), or null when it is not there. */
export function sharedFile(...parts: string[]): string | null {
  const path = resolve(process.env.CHURN_SHARED ?? '../shared', ...parts);
  return existsSync(path) ? path : null;
}

/** Calls `work` with a new folder and removes it afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The rules of the described system where they concern speed: every user-day of every user from the first day on. */
export const EVERY_USER_DAY = 'population: all\ntraining: { sampling: all, complete_windows: false }\n';

export interface SourceFiles {
  users: string;
  events: string;
  /** Where they come from, for the heading. */
  title: string;
}

/** The described system's own data; without the data folder those of our generator's preset. */
export async function sectionTwelveFiles(folder: string): Promise<SourceFiles> {
  const users = sharedFile('data/section12/users.csv');
  const events = sharedFile('data/section12/events.parquet');
  if (users !== null && events !== null) {
    return { users, events, title: 'the described data (2,000 users, 120 days, 480,536 events)' };
  }
  await writeProject(folder, '');
  await runCli(folder, ['generate', '--preset', 'section-12', '--quiet']);
  return {
    users: join(folder, 'data/raw/users.parquet'),
    events: join(folder, 'data/raw/events.parquet'),
    title: "the generator's preset section-12 (2,000 users, 120 days)",
  };
}

/** A project folder with defaults, except for what `settings` (YAML) says and where the sources lie. */
export async function writeProject(folder: string, settings: string, sources?: SourceFiles): Promise<void> {
  const places = sources
    ? `sources:\n  users: { files: ${JSON.stringify(sources.users)} }\n  events: { files: ${JSON.stringify(sources.events)} }\n`
    : '';
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'churn.yaml'), `${places}${settings}`);
}
