import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

/** Starts our own command line in a process of its own. */
export interface ChildRequest {
  /** Program and first arguments: node and the command line's main file. */
  program: readonly string[];
  args: readonly string[];
  folder: string;
  environment: NodeJS.ProcessEnv;
  /** Aborted: the child is asked to end, and killed when it does not. */
  signal: AbortSignal;
  onLine(line: string): void;
}

const KILL_AFTER_MILLISECONDS = 10_000;

/**
 * Runs a command to its end. A crash of it, or its memory, is not ours; it ends when we die, since its channel closes then.
 * @returns the exit code; 128 and the signal's number when a signal ended it, as shells have it
 */
export function runChild(request: ChildRequest): Promise<{ code: number; process: number | undefined }> {
  const { program, args, folder, environment, signal, onLine } = request;
  return new Promise((resolve, reject) => {
    const child = spawn(program[0], [...program.slice(1), ...args], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C is for us; we tell the child.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) {
        createInterface({ input: stream }).on('line', onLine);
      }
    }
    let killer: NodeJS.Timeout | undefined;
    const end = () => {
      child.kill('SIGTERM');
      killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MILLISECONDS);
    };
    signal.addEventListener('abort', end, { once: true });
    const finish = () => {
      clearTimeout(killer);
      signal.removeEventListener('abort', end);
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    // `close`: also its output has been read to the end.
    child.once('close', (code, cause) => {
      finish();
      resolve({ code: code ?? 128 + constants.signals[cause ?? 'SIGKILL'], process: child.pid });
    });
    if (signal.aborted) {
      end();
    }
  });
}
