import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCli } from '../cli/run-cli.js';
import { QUICK, writeConfig } from '../jobs/project.js';

/** Days of the small world. The tables end on `tables`, the sources on `sources`. */
export const DAYS = {
  trained: '2025-06-15',
  scored: '2025-06-20',
  tables: '2025-07-29',
  sources: '2025-08-08',
} as const;

const GENERATE = ['generate', '--users', '80', '--seed', '5'];
export const NEWER = [...GENERATE, '--days', '220'];

type Story = readonly (readonly string[])[];

/** Tables, but no model. */
export const SHORT_STORY: Story = [
  [...GENERATE, '--days', '210'],
  ['run', '--at', DAYS.trained],
  ['history', 'export', 'earlier.jsonl'],
  NEWER,
];

/** A project that has lived for a while, and whose sources have grown since its tables were made. */
export const WHOLE_STORY: Story = [
  [...GENERATE, '--days', '210'],
  ['run', '--at', DAYS.trained],
  ['train', '--trainer', 'linear', '--at', DAYS.trained],
  ['promote', '--at', DAYS.trained],
  ['score', '--date', DAYS.scored],
  ['drift', '--at', DAYS.tables, '--insufficient', 'ok'],
  ['evaluate', '--at', DAYS.tables, '--insufficient', 'ok'],
  ['history', 'export', 'earlier.jsonl'],
  ['profile', 'data/features/user_features_daily.parquet', '--out', 'profile.json'],
  NEWER,
];

/** A project in which that has happened. */
export async function makeWorld(folder: string, story: Story): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeConfig(folder, { ...QUICK, training: { rounds: 30, early_stopping_rounds: 5 } });
  await tell(folder, story);
}

/** Runs commands as processes, one after another; each may find something, none may fail. */
export async function tell(folder: string, commands: Story): Promise<void> {
  for (const args of commands) {
    const { code, err } = await runCli(folder, [...args]);
    assert.ok(code !== null && [0, 2, 3].includes(code), `${args.join(' ')} ended with ${code}: ${err}`);
  }
}

export async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true });
  await cp(from, to, { recursive: true });
}
