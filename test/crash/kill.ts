import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIN } from '../cli/run-cli.js';
import type { KilledCommand } from './commands.js';

const FILE_CALLS = new URL('./file-calls.js', import.meta.url).href;

/** When the process is killed: just before a call that changes files, or after a while. */
export type Moment = { call: number } | { milliseconds: number };

export interface Ended {
  code: number | null;
  killed: boolean;
  err: string;
  milliseconds: number;
}

/**
 * Runs a command as a process of its own, whose temporary folder is `temporary`, and kills it where told. `shell` is what a
 * shell does before it becomes that process.
 */
export async function runOnce(
  command: KilledCommand,
  folder: string,
  temporary: string,
  { moment, countFile, shell }: { moment?: Moment; countFile?: string; shell?: string } = {},
): Promise<Ended> {
  const started = performance.now();
  const watched = countFile !== undefined || (moment !== undefined && 'call' in moment);
  const line = [process.execPath, ...(watched ? ['--import', FILE_CALLS] : []), MAIN, ...command.args];
  const [program, ...args] = shell === undefined ? line : ['sh', '-c', `${shell}; exec "$@"`, 'sh', ...line];
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      ...process.env,
      ...command.environment,
      TMPDIR: temporary,
      ...(countFile && { CRASH_COUNT_FILE: countFile }),
      ...(moment && 'call' in moment && { CRASH_AT_CALL: String(moment.call) }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const timer =
    moment && 'milliseconds' in moment
      ? setTimeout(() => child.kill('SIGKILL'), moment.milliseconds)
      : undefined;
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...end) => resolve(end));
  });
  clearTimeout(timer);
  return { code, killed: signal === 'SIGKILL', err, milliseconds: performance.now() - started };
}

/** How long a command takes and how many calls of it change files, from one undisturbed run. */
export async function measured(
  command: KilledCommand,
  folder: string,
  temporary: string,
): Promise<Ended & { calls: number }> {
  const countFile = join(temporary, '..', 'calls');
  const ended = await runOnce(command, folder, temporary, { countFile });
  return { ...ended, calls: Number(await readFile(countFile, 'utf8')) };
}
